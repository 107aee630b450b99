import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import type { Driver } from '../port.ts';
import { createShellyLanDriver } from './driver.ts';

/** What no honest device does: a small server of our own answers, as wrongly as each test wants. */
type Call = { id: number; method: string; params: { id?: number; on?: boolean; toggle_after?: number } };
type Handler = (call: Call, response: ServerResponse, request: IncomingMessage) => unknown;

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const call: Call = JSON.parse(body);
      const result = handler(call, response, request);
      if (result === undefined || response.writableEnded || response.destroyed) return;
      response.end(JSON.stringify({ id: call.id, src: ID, result }));
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

const ID = 'shellyplus1-aabbccddeeff';
const ref = { hardwareId: ID, channel: 0 };
const on = { kind: 'switch-on', autoOffSeconds: 60 } as const;
const off = { kind: 'switch-off' } as const;
const soon = (milliseconds = 5000): AbortSignal => systemClock.deadline(milliseconds);

function drive(...devices: { address: string; password?: string }[]): Driver {
  const http = createVendorHttp({ clock: systemClock });
  return createShellyLanDriver({ devices, http, clock: systemClock, random: randomBytes });
}

/** A relay that works, to be spoilt by a test in one place. */
function relay() {
  const state = { on: false, startedAt: 0, seconds: 0, sets: 0 };
  const answer = (call: Call): unknown => {
    if (call.method === 'Shelly.GetDeviceInfo') return { id: ID };
    if (call.method === 'Shelly.GetStatus') return { 'switch:0': {}, 'switch:10': {}, 'switch:2': {}, 'input:0': {} };
    if (call.method === 'Switch.Set') {
      const was = state.on;
      state.sets += 1;
      state.on = call.params.on === true;
      state.startedAt = systemClock.now() / 1000;
      state.seconds = call.params.toggle_after ?? 0;
      return { was_on: was };
    }
    const timer = state.seconds > 0 ? { timer_started_at: state.startedAt, timer_duration: state.seconds } : {};
    return { id: 0, output: state.on, ...timer };
  };
  return { state, answer };
}

describe('answers that cannot be understood', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['no JSON', (response) => response.end('<html>router login</html>')],
    ['another JSON', (response) => response.end('[1,2,3]')],
    ['null', (response) => response.end('null')],
    ['no result', (response) => response.end(JSON.stringify({ id: 1, src: ID }))],
    ['wrong types', (response) => response.end(JSON.stringify({ src: ID, result: { was_on: 'yes' } }))],
    ['status 500', (response) => response.writeHead(500).end('oops')],
    ['ten megabytes', (response) => response.end('9'.repeat(10_000_000))],
    ['half of it', (response) => void response.writeHead(200, { 'content-length': '50' }).end('{"id"')],
  ])('to Switch.Set, after it was done (%s): the read-back decides', async (_, spoil) => {
    const { state, answer } = relay();
    const address = await serve((call, response) => {
      const result = answer(call);
      if (call.method !== 'Switch.Set') return result;
      response.strictContentLength = false;
      response.on('error', () => undefined);
      spoil(response);
      response.socket?.end();
      return undefined;
    });
    expect(await drive({ address }).perform(ref, on, soon())).toMatchObject({
      kind: 'confirmed',
      observation: { on: true },
    });
    expect(state.sets).toBe(1);
  });

  test.each<[string, unknown]>([
    ['output as text', { id: 0, output: 'true' }],
    ['no output', { id: 0 }],
    ['of another channel', { id: 1, output: true }],
    ['a list', [true]],
  ])('to Switch.GetStatus (%s): nothing is known of the relay', async (_, status) => {
    const { answer } = relay();
    const address = await serve((call) => (call.method === 'Switch.GetStatus' ? status : answer(call)));
    const driver = drive({ address });
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
    expect(await driver.perform(ref, on, soon())).toEqual({ kind: 'accepted' });
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['text', '400'],
    ['a list', [400]],
  ])(
    'to Switch.GetStatus, of the power alone (%s): the relay is read and switched, without a power',
    async (_, apower) => {
      const { state, answer } = relay();
      const address = await serve((call) => {
        const result = answer(call);
        return call.method === 'Switch.GetStatus' ? { ...Object(result), apower } : result;
      });
      const driver = drive({ address });
      expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'relay', on: false, powerWatts: null });
      expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'confirmed', observation: { on: true } });
      expect(state.sets).toBe(1);
    },
  );

  test.each<[string, unknown]>([
    ['no id', { name: 'x' }],
    ['an id that is none', { id: '../../etc' }],
    ['an id other than its sender', { id: 'shellyplus1-000000000000' }],
    ['a name that is a number', { id: ID, name: 7 }],
  ])('to Shelly.GetDeviceInfo (%s): nothing is sent to it', async (_, info) => {
    const { state, answer } = relay();
    const address = await serve((call) => (call.method === 'Shelly.GetDeviceInfo' ? info : answer(call)));
    expect(await drive({ address }).perform(ref, on, soon())).toMatchObject({ kind: 'refused' });
    expect(state.sets).toBe(0);
  });
});

describe('what may still happen is not called undone', () => {
  test('answer lost and relay still off: unknown, since the command may yet arrive', async () => {
    const { answer } = relay();
    const address = await serve((call, _, request) => {
      if (call.method !== 'Switch.Set') return answer(call);
      request.socket.destroy();
      return undefined;
    });
    expect((await drive({ address }).perform(ref, on, soon())).kind).toBe('unknown');
  });

  test('answer lost and relay on from before: unknown, since that is the old timer', async () => {
    const { state, answer } = relay();
    const address = await serve((call, _, request) => {
      if (call.method !== 'Switch.Set') return answer(call);
      request.socket.destroy();
      return undefined;
    });
    Object.assign(state, { on: true, seconds: 60, startedAt: systemClock.now() / 1000 - 40 });
    expect((await drive({ address }).perform(ref, on, soon())).kind).toBe('unknown');
  });

  test('switch-off lost and relay off: confirmed; still on: unknown', async () => {
    const { state, answer } = relay();
    const address = await serve((call, _, request) => {
      if (call.method !== 'Switch.Set') return answer(call);
      request.socket.destroy();
      return undefined;
    });
    const driver = drive({ address });
    expect((await driver.perform(ref, off, soon())).kind).toBe('confirmed');
    state.on = true;
    expect((await driver.perform(ref, off, soon())).kind).toBe('unknown');
  });

  test('a device that answers nothing to Set is read back before the deadline', async () => {
    const { answer } = relay();
    const address = await serve((call) => {
      const result = answer(call);
      return call.method === 'Switch.Set' ? undefined : result;
    });
    const started = performance.now();
    expect((await drive({ address }).perform(ref, on, soon(5000))).kind).toBe('confirmed');
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('on without a timer is not called confirmed: it may stay on', async () => {
    const { state, answer } = relay();
    const address = await serve((call) => {
      const result = answer(call);
      state.seconds = 0;
      return result;
    });
    const outcome = await drive({ address }).perform(ref, on, soon());
    expect(outcome).toMatchObject({ kind: 'unknown' });
  });

  test('answers that say no are refused, whatever their status', async () => {
    const { answer } = relay();
    let say: (response: ServerResponse) => void = () => undefined;
    const address = await serve((call, response) => {
      if (call.method !== 'Switch.Set') return answer(call);
      say(response);
      return undefined;
    });
    const driver = drive({ address });
    const refusedAs = async (status: number, body: unknown): Promise<string> => {
      say = (response) => void response.writeHead(status).end(JSON.stringify(body));
      const outcome = await driver.perform(ref, off, soon());
      return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
    };
    expect(await refusedAs(500, { code: -109, message: 'Overtemperature' })).toBe('vendor');
    expect(await refusedAs(200, { src: ID, error: { code: -105, message: 'no such' } })).toBe('not-found');
    expect(await refusedAs(404, { code: 404, message: 'No handler for Switch.Set' })).toBe('unsupported');
    expect(await refusedAs(400, 'Bad Request')).toBe('vendor');
    expect(await refusedAs(429, '')).toBe('busy');
    expect(await refusedAs(403, '')).toBe('credentials');
    expect(await refusedAs(301, '')).toBe('vendor');
    // Its own deadline passed inside the device: it may have been done.
    expect(await refusedAs(200, { src: ID, error: { code: -104, message: 'Deadline exceeded' } })).toBe('confirmed');
  });
});

describe('an address that changes its owner', () => {
  const OTHER = 'shellyplus1-999999999999';

  test('before the switch: the other machine is not touched, and the right one is found where it is now', async () => {
    const washer = relay();
    let othersSets = 0;
    let swapped = false;
    const other = (call: Call, response: ServerResponse): unknown => {
      if (call.method === 'Switch.Set') othersSets += 1;
      const result = call.method === 'Shelly.GetDeviceInfo' ? { id: OTHER } : { id: 0, output: true };
      response.end(JSON.stringify({ id: call.id, src: OTHER, result }));
      return undefined;
    };
    const one = await serve((call, response) => (swapped ? other(call, response) : washer.answer(call)));
    const two = await serve((call, response) => (swapped ? washer.answer(call) : other(call, response)));
    const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead };
    const http = createVendorHttp({ clock });
    const devices = [{ address: one }, { address: two }];
    const driver = createShellyLanDriver({ devices, http, clock, random: randomBytes });

    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
    swapped = true; // looking notices it at once
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'relay', on: true });
    for (swapped of [false, true, false]) {
      clock.ahead += 60_000; // switching asks again after some seconds
      expect((await driver.perform(ref, off, soon())).kind).toBe('confirmed');
    }
    expect(washer.state.sets).toBe(4);
    expect(othersSets).toBe(0);
  });

  test('in the very moment of the switch: said as it is, not as success', async () => {
    const { answer } = relay();
    const address = await serve((call, response) => {
      if (call.method !== 'Switch.Set') return answer(call);
      response.end(JSON.stringify({ id: call.id, src: OTHER, result: { was_on: false } }));
      return undefined;
    });
    const outcome = await drive({ address }).perform(ref, on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'not-found' });
    expect(outcome.kind === 'refused' ? outcome.detail : '').toContain(
      `${OTHER}, which took the command meant for ${ID}`,
    );
  });

  test('before the read-back: what another device shows is no proof', async () => {
    const { answer } = relay();
    const address = await serve((call, response) => {
      if (call.method !== 'Switch.GetStatus') return answer(call);
      response.end(JSON.stringify({ id: call.id, src: OTHER, result: { id: 0, output: true } }));
      return undefined;
    });
    expect((await drive({ address }).perform(ref, off, soon())).kind).toBe('accepted');
  });
});

describe('the password', () => {
  test('a forgotten nonce costs one new challenge; counters go on; a second refusal is final', async () => {
    const { answer } = relay();
    const seen: string[] = [];
    let nonce = 'n1';
    let accepts = true;
    const address = await serve((call, response, request) => {
      if (call.method === 'Shelly.GetDeviceInfo') return answer(call);
      const header = request.headers.authorization ?? '';
      const used = /nonce="(\w+)".* nc=(\w+)/.exec(header);
      seen.push(used === null ? '-' : `${used[1]}:${used[2]}`);
      if (accepts && used?.[1] === nonce) return answer(call);
      const challenge = `Digest qop="auth", realm="${ID}", nonce="${nonce}", algorithm=SHA-256`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return undefined;
    });
    const driver = drive({ address, password: 'p' });
    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
    expect(seen.splice(0)).toEqual(['-', 'n1:00000001', 'n1:00000002']);
    nonce = 'n2';
    expect((await driver.perform(ref, off, soon())).kind).toBe('confirmed');
    expect(seen.splice(0)).toEqual(['n1:00000003', 'n2:00000001', 'n2:00000002']);
    accepts = false;
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(seen.splice(0)).toEqual(['n2:00000003', 'n2:00000001']);
  });

  test('is not given to what asks for it in a weaker way', async () => {
    const { answer } = relay();
    const headers: (string | undefined)[] = [];
    const address = await serve((call, response, request) => {
      if (call.method === 'Shelly.GetDeviceInfo') return answer(call);
      headers.push(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return undefined;
    });
    const outcome = await drive({ address, password: 'p' }).perform(ref, on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(headers).toEqual([undefined]);
  });
});

test('the channels of a device are read from its status, in order', async () => {
  const { answer } = relay();
  const list = await drive({ address: await serve(answer) }).list(soon());
  expect(list.map((one) => [one.ref.channel, one.channelCount])).toEqual([
    [0, 3],
    [2, 3],
    [10, 3],
  ]);
});

test('a timer by a device clock that is wrong is kept within what is possible', async () => {
  const { state, answer } = relay();
  const driver = drive({ address: await serve(answer) });
  const ends = async (startedAt: number): Promise<number> => {
    Object.assign(state, { on: true, seconds: 60, startedAt });
    const seen = await driver.observe(ref, soon());
    if (seen.kind !== 'relay' || seen.autoOffAt === null) throw new Error('no timer seen');
    return Math.round((seen.autoOffAt - seen.at) / 1000);
  };
  expect(await ends(systemClock.now() / 1000 - 20)).toBe(40);
  expect(await ends(12)).toBe(0);
  expect(await ends(systemClock.now() / 1000 + 86_400)).toBe(60);
});
