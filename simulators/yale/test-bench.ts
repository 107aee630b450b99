/** For tests: a clock that jumps, and a caller of the cloud that knows its headers. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startYale, type YaleOptions, type YaleSimulator } from './start.ts';

/** Begins on a Friday in 2027, at 08:00:00 UTC. */
export const testClock = (begin = Date.UTC(2027, 0, 15, 8)) => {
  let now = begin;
  return { now: () => now, jump: (ms: number) => (now += ms) };
};

export type Said = { status: number; body: Record<string, unknown>; token: string | null };
export type Ask = (request: string, body?: unknown, headers?: Record<string, string>) => Promise<Said>;

const asker =
  (url: string, common: Record<string, string>): Ask =>
  async (request, body, headers = {}) => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...common, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const token = answer.headers.get('x-access-token');
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text), token };
  };

/** With the API key alone. */
export const stranger = ({ url, account }: YaleSimulator): Ask => asker(url, { 'x-api-key': account.apiKey });

/** As an installation that was told its code already. */
export async function signIn(simulator: YaleSimulator): Promise<{ ask: Ask; token: string }> {
  const { email, password, apiKey } = simulator.account;
  const credentials = { installId: simulator.trustedInstall(), identifier: `email:${email}`, password };
  const { token } = await stranger(simulator)('POST /session', credentials);
  return {
    ask: asker(simulator.url, { 'x-august-api-key': apiKey, 'x-august-access-token': token ?? '' }),
    token: token ?? '',
  };
}

/** `front` has a bridge and a keypad, `old` is of the first generation, `cellar` has no bridge. */
export async function openBench(options: YaleOptions = {}) {
  const clock = testClock();
  const simulator = await startYale({
    clock,
    airMs: 5,
    silentMs: 10,
    bridges: [{ name: 'Hall' }],
    locks: [
      { name: 'front', bridge: 'Hall', doorSensor: true, timeZone: 'Europe/Berlin' },
      { name: 'old', bridge: 'Hall', type: 1 },
      { name: 'cellar' },
    ],
    ...options,
  });
  const [bridgeId = ''] = simulator.bridges().map((bridge) => bridge.bridgeId);
  return { simulator, clock, bridgeId, ...(await signIn(simulator)), close: simulator.close };
}

/** Somebody who listens by the socket.io channel, as a client of its version 4 does. */
export async function listenTo({ url, account }: YaleSimulator, token: string, subscriberID: string) {
  const address = `${url.replace('http', 'ws')}/socket.io/?subscriberID=${subscriberID}&EIO=4&transport=websocket`;
  const socket = new WebSocket(address, { headers: { 'x-api-key': account.apiKey, 'x-access-token': token } });
  const told: Record<string, unknown>[] = [];
  const ready = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    if (text.startsWith('0')) socket.send('40');
    if (text.startsWith('40')) ready.resolve();
    if (text.startsWith('42')) told.push((JSON.parse(text.slice(2)) as [string, Record<string, unknown>])[1]);
  });
  socket.on('error', ready.reject);
  await ready.promise;
  return {
    told,
    async close(): Promise<void> {
      socket.close();
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
    },
  };
}
