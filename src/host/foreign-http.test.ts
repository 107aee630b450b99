import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { createForeignHttp, ForeignHttpError } from './foreign-http.ts';
import type { Resolve } from './http-exchange.ts';
import { isAllowedAddress } from './public-address.ts';

const clock = systemClock;
const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, port: address.port };
}

async function failure(promise: Promise<unknown>): Promise<ForeignHttpError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ForeignHttpError)) throw new Error(`expected a ForeignHttpError, not ${String(error)}`);
  return error;
}

describe('which addresses a foreign request may reach', () => {
  test.each([
    '10.0.0.1',
    '172.16.5.5',
    '192.168.1.1',
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '192.0.2.1',
    '240.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'fec0::1',
    'not an address',
    '',
  ])('%s is refused', (address) => {
    expect(isAllowedAddress(address, false)).toBe(false);
  });

  test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001::1'])('%s is allowed', (address) => {
    expect(isAllowedAddress(address, false)).toBe(true);
  });

  test('the demo may reach its own networks, but neither metadata services nor multicast', () => {
    for (const address of ['127.0.0.1', '10.1.1.1', '::1', 'fd00::1', '100.64.1.1', '8.8.8.8']) {
      expect(isAllowedAddress(address, true)).toBe(true);
    }
    for (const address of ['169.254.169.254', 'fe80::1', '224.0.0.1', '0.0.0.0', '::ffff:127.0.0.1']) {
      expect(isAllowedAddress(address, true)).toBe(false);
    }
  });
});

describe('a request to an address given by others', () => {
  const strict = createForeignHttp({ clock, allowPrivate: false });

  test('never reaches this machine, however the address is written', async () => {
    let requests = 0;
    const { port } = await serve((_, response) => {
      requests += 1;
      response.end();
    });
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]', '0']) {
      const error = await failure(strict.request({ method: 'GET', url: `http://${host}:${port}/` }));
      expect(error.reason).toBe('forbidden-address');
      expect(error.message).toMatch(/^The address leads into a private or reserved network .+\.$/);
    }
    expect(requests).toBe(0);
  });

  test('a name that leads to this machine is refused, even when it also leads elsewhere at first', async () => {
    let asked = 0;
    const rebinding: Resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '10.9.9.9' : '127.0.0.1', family: 4 }];
    };
    const foreign = createForeignHttp({ clock, allowPrivate: false, resolve: rebinding });
    for (let i = 0; i < 2; i++) {
      expect((await failure(foreign.request({ method: 'GET', url: 'http://evil.example/' }))).reason).toBe(
        'forbidden-address',
      );
    }
    // One look-up a connection: there is no second one that could answer differently from the one that was judged.
    expect(asked).toBe(2);
  });

  test('schemes, ports and passwords in the address are refused with a sentence', async () => {
    const refused = async (url: string) => (await failure(strict.request({ method: 'GET', url }))).message;
    expect(await refused('ftp://example.com/')).toBe('The address must begin with https:// or http://.');
    expect(await refused('nonsense')).toBe('This is not a web address.');
    expect(await refused('https://user:pw@example.com/')).toBe(
      'Leave the user name and the password out of the address.',
    );
    expect(await refused('http://example.com:25/')).toBe('Port 25 is not allowed: use 80, 443 or one from 1024 on.');
  });

  test('an unknown name, a silent and a talkative server are told apart', async () => {
    const foreign = createForeignHttp({ clock, allowPrivate: true });
    const { url } = await serve((request, response) => {
      if (request.url === '/silent') return;
      if (request.url === '/broken') return void request.socket.destroy();
      response.end('x'.repeat(2000));
    });
    const reason = async (at: string) =>
      (await failure(foreign.request({ method: 'GET', url: at, deadlineMilliseconds: 200, maxBytes: 1000 }))).reason;
    expect(await reason(`${url}/silent`)).toBe('timed-out');
    expect(await reason(`${url}/broken`)).toBe('broken');
    expect(await reason(`${url}/long`)).toBe('too-large');
    expect(await reason('http://127.0.0.1:1/')).toBe('unreachable');
    const nameless = createForeignHttp({
      clock,
      allowPrivate: false,
      resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    });
    expect((await failure(nameless.request({ method: 'GET', url: 'http://nowhere.example/' }))).reason).toBe(
      'unreachable',
    );
  });

  test('a name server that never answers ends with the deadline', async () => {
    const foreign = createForeignHttp({ clock, allowPrivate: false, resolve: () => new Promise(() => undefined) });
    const started = performance.now();
    const error = await failure(
      foreign.request({ method: 'GET', url: 'http://slow.example/', deadlineMilliseconds: 150 }),
    );
    expect(error.reason).toBe('timed-out');
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

describe('redirects of a foreign address', () => {
  const demo = createForeignHttp({ clock, allowPrivate: true });

  test('are followed three times, with the query and relative addresses', async () => {
    const { url } = await serve((request, response) => {
      const step = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('n'));
      if (step === 0) return void response.end('there');
      response.writeHead(302, { location: `/?n=${step - 1}` }).end();
    });
    expect((await demo.request({ method: 'GET', url: `${url}/?n=3` })).text).toBe('there');
    const error = await failure(demo.request({ method: 'GET', url: `${url}/?n=4` }));
    expect(error).toMatchObject({ reason: 'redirect', message: 'The address redirects more than 3 times.' });
  });

  test.each(['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'http://0.0.0.0/', 'file:///etc/passwd'])(
    'are judged anew: %s is refused',
    async (location) => {
      const { url } = await serve((_, response) => void response.writeHead(302, { location }).end());
      const error = await failure(demo.request({ method: 'GET', url }));
      expect(['forbidden-address', 'bad-address']).toContain(error.reason);
    },
  );

  test('to the same name are judged anew: it may lead elsewhere now', async () => {
    const { port } = await serve((_, response) => void response.writeHead(307, { location: '/again' }).end());
    let asked = 0;
    const resolve: Resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    const foreign = createForeignHttp({ clock, allowPrivate: true, resolve });
    const error = await failure(
      foreign.request({ method: 'POST', url: `http://rebinding.example:${port}/`, body: 'x' }),
    );
    expect(error.reason).toBe('forbidden-address');
    expect(asked).toBe(2);
  });

  test('a delivery is repeated only by 307 and 308, and its secrets stay with the first server', async () => {
    const seen: string[] = [];
    const other = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        seen.push(
          `${request.method} ${body} ${request.headers.authorization ?? '-'} ${String(request.headers['x-signature'])}`,
        );
        response.end('ok');
      });
    });
    const first = await serve((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { location: other.url }).end();
    });
    const headers = { authorization: 'Bearer s', 'x-signature': 'sig' };
    const post = (status: number) =>
      demo.request({ method: 'POST', url: `${first.url}/${status}`, headers, body: 'b' });
    expect((await post(302)).status).toBe(302);
    expect((await post(308)).status).toBe(200);
    expect(seen).toEqual(['POST b - sig']);
  });
});
