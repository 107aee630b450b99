/** For tests: a clock that jumps, a caller of the platform that knows the forms, and a listener for what is pushed. */
import http from 'node:http';
import { LOOPBACK } from '../loopback.ts';
import { md5 } from './account.ts';
import { startTtlock, type TtlockOptions, type TtlockSimulator } from './start.ts';

export type Fields = Record<string, string | number>;
export type Answered = Record<string, unknown> & { errcode?: number };

/** Begins on a Friday in 2027, at 08:00:00 UTC. */
export const testClock = (begin = Date.UTC(2027, 0, 15, 8)) => {
  let now = begin;
  return { now: () => now, jump: (ms: number) => (now += ms), set: (at: number) => (now = at) };
};

export async function post(url: string, fields: Fields): Promise<Answered> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) body.set(name, String(value));
  const answer = await fetch(url, { method: 'POST', body });
  return (await answer.json()) as Answered;
}

export function credentialsOf({ account }: Pick<TtlockSimulator, 'account'>): Fields {
  const { clientId, clientSecret, username, password } = account;
  return { clientId, clientSecret, username, password: md5(password) };
}

/** Signed in. What is given beside the call's own fields goes before the common three. */
export async function signIn(simulator: TtlockSimulator, clock: { now(): number }) {
  const { clientId } = simulator.account;
  const token = await post(`${simulator.url}/oauth2/token`, credentialsOf(simulator));
  const accessToken = String(token.access_token);
  return (path: string, fields: Fields = {}, url = simulator.url): Promise<Answered> =>
    post(`${url}/v3/${path}`, { clientId, accessToken, date: clock.now(), ...fields });
}

export type Listener = { url: string; told: Record<string, unknown>[]; answer: string; close(): Promise<void> };
export async function listenForRecords(): Promise<Listener> {
  const listener: Listener = { url: '', told: [], answer: 'success', close: async () => undefined };
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString('utf8')));
    listener.told.push({ ...form, records: JSON.parse(form.records ?? '[]') });
    response.end(listener.answer);
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const address = server.address();
  listener.url = `http://${LOOPBACK}:${typeof address === 'object' ? address?.port : 0}/told`;
  listener.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return listener;
}

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
export const DAY = 24 * HOUR;

/**
 * A simulator with one lock of each kind, signed in to. `front` hangs on the gateway Hall beside `side`, `roof` on WiFi,
 * `cellar` on nothing and without a camera, `vault` has no keypad, `shared` is somebody's who gave us an ordinary ekey,
 * `strange` is somebody else's.
 */
export async function openBench(options: TtlockOptions = {}) {
  const clock = testClock();
  const simulator = await startTtlock({
    clock,
    airMs: 1,
    gateways: [{ name: 'Hall' }],
    locks: [
      { name: 'front', gateway: 'Hall' },
      { name: 'side', gateway: 'Hall' },
      { name: 'roof', reach: 'wifi' },
      { name: 'cellar', camera: false },
      { name: 'vault', gateway: 'Hall', keypad: false },
      { name: 'shared', gateway: 'Hall', rights: 'ekey' },
      { name: 'strange', gateway: 'Hall', rights: 'none' },
    ],
    ...options,
  });
  const names = ['front', 'side', 'roof', 'cellar', 'vault', 'shared', 'strange'] as const;
  const known = new Map(simulator.locks().map(({ name, lockId }) => [name, lockId]));
  const id = Object.fromEntries(names.map((name) => [name, known.get(name) ?? 0])) as Record<
    (typeof names)[number],
    number
  >;
  const gateway = simulator.gateways()[0]?.gatewayId ?? 0;
  return { simulator, clock, id, gateway, ask: await signIn(simulator, clock), close: simulator.close };
}
export type Bench = Awaited<ReturnType<typeof openBench>>;
