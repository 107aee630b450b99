/** For tests: a clock that jumps, a caller of the platform that knows the forms, and a listener for what is pushed. */
import http from 'node:http';
import { LOOPBACK } from '../loopback.ts';
import { md5 } from './account.ts';
import type { TtlockSimulator } from './start.ts';

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
