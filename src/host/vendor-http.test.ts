import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { createVendorHttp, VendorHttpError } from './vendor-http.ts';

const http = createVendorHttp({ clock: systemClock });
const open: (Server | TcpServer)[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server | TcpServer): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}
const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));
const serveTcp = (onSocket: (socket: Socket) => void): Promise<string> => listen(createTcpServer(onSocket));

async function failure(promise: Promise<unknown>): Promise<VendorHttpError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VendorHttpError)) throw new Error(`expected a VendorHttpError, not ${String(error)}`);
  return error;
}
const soon = (milliseconds = 5000): AbortSignal => systemClock.deadline(milliseconds);

describe('a request to a vendor', () => {
  test('brings back status, headers and text, and sends what it was given', async () => {
    let seen = '';
    const url = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
      });
      request.on('end', () => {
        seen += ` ${request.method} ${request.url} ${String(request.headers['x-a'])} ${request.headers.connection}`;
        response.writeHead(418, { 'x-b': 'c' }).end('tea: é');
      });
    });
    const answer = await http.request({
      method: 'POST',
      url: `${url}/p?q=1`,
      headers: { 'x-a': 'b' },
      body: 'hello',
      signal: soon(),
    });
    expect(answer).toMatchObject({ status: 418, text: 'tea: é' });
    expect(answer.headers['x-b']).toBe('c');
    expect(seen).toBe('hello POST /p?q=1 b close');
  });

  test('follows no redirect', async () => {
    const url = await serve((_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect((await http.request({ method: 'GET', url, signal: soon() })).status).toBe(302);
  });

  test('uses a new connection each time', async () => {
    let connections = 0;
    const server = createServer((_, response) => void response.end('ok'));
    server.on('connection', () => {
      connections += 1;
    });
    const url = await listen(server);
    for (let i = 0; i < 3; i++) await http.request({ method: 'GET', url, signal: soon() });
    expect(connections).toBe(3);
  });
});

describe('when it fails, it tells whether the request can have arrived', () => {
  test('refused connection: surely not sent', async () => {
    const url = await serve(() => undefined);
    const server = open.pop();
    await new Promise((resolve) => server?.close(resolve));
    const error = await failure(http.request({ method: 'POST', url, body: 'x', signal: soon() }));
    expect(error).toMatchObject({ sent: false, timedOut: false, tooLarge: false });
    expect(error.message).toContain('connection refused');
  });

  test('unknown name: surely not sent', async () => {
    const error = await failure(http.request({ method: 'GET', url: 'http://no-such-host.invalid/', signal: soon() }));
    expect(error).toMatchObject({ sent: false, timedOut: false });
  });

  test('not an address of http: surely not sent', async () => {
    expect(await failure(http.request({ method: 'GET', url: 'file:///etc/passwd', signal: soon() }))).toMatchObject({
      sent: false,
    });
    expect(await failure(http.request({ method: 'GET', url: 'http://a b/', signal: soon() }))).toMatchObject({
      sent: false,
    });
  });

  test('a signal that has fired already: surely not sent', async () => {
    let called = false;
    const url = await serve(() => {
      called = true;
    });
    const error = await failure(http.request({ method: 'GET', url, signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ sent: false, timedOut: true });
    expect(called).toBe(false);
  });

  test('no connection before the signal fires: surely not sent, and it ends at once', async () => {
    // Over TLS the connection stands only when the other side has spoken.
    const url = await serveTcp((socket) => void socket.on('error', () => undefined));
    const started = performance.now();
    const request = http.request({ method: 'GET', url: url.replace('http:', 'https:'), signal: soon(150) });
    expect(await failure(request)).toMatchObject({ sent: false, timedOut: true });
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test('no TLS on the other side: surely not sent', async () => {
    const url = await serveTcp((socket) => void socket.on('error', () => undefined).end('plain\r\n'));
    const error = await failure(http.request({ method: 'GET', url: url.replace('http:', 'https:'), signal: soon() }));
    expect(error.sent).toBe(false);
  });

  test('no answer before the signal fires: sent and timed out', async () => {
    const url = await serve(() => undefined);
    const error = await failure(http.request({ method: 'POST', url, body: 'x', signal: soon(150) }));
    expect(error).toMatchObject({ sent: true, timedOut: true });
  });

  test('an answer that stalls half-way: sent and timed out', async () => {
    const url = await serve((_, response) => void response.writeHead(200, { 'content-length': 100 }).write('half'));
    const error = await failure(http.request({ method: 'GET', url, signal: soon(150) }));
    expect(error).toMatchObject({ sent: true, timedOut: true });
  });

  test('a device that hangs up instead of answering: sent, once only', async () => {
    let requests = 0;
    const url = await serve((request) => {
      requests += 1;
      request.socket.destroy();
    });
    const error = await failure(http.request({ method: 'POST', url, body: 'x', signal: soon(1000) }));
    expect(error).toMatchObject({ sent: true, timedOut: false });
    expect(requests).toBe(1);
  });

  test('something that does not speak HTTP: sent', async () => {
    const url = await serveTcp((socket) => void socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n\r\n'));
    expect(await failure(http.request({ method: 'GET', url, signal: soon() }))).toMatchObject({
      sent: true,
      timedOut: false,
    });
  });

  test('an answer that is too large, announced or not', async () => {
    let announced = false;
    const url = await serve((_, response) => {
      if (announced) response.setHeader('content-length', 5_000_000);
      response.on('error', () => undefined);
      response.end(Buffer.alloc(5_000_000, 'a'));
    });
    for (announced of [false, true]) {
      const error = await failure(http.request({ method: 'GET', url, signal: soon(), maxBytes: 1000 }));
      expect(error).toMatchObject({ sent: true, tooLarge: true, timedOut: false });
    }
  });
});
