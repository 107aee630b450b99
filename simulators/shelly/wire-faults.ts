/**
 * What a network, a proxy or a bad firmware makes of a good answer. Servers ask which fault falls on a request, and say
 * how they would have answered; this file spoils it. Outside changes, a dead relay and pulled plugs are the device's own
 * faults (device.ts).
 */
import type http from 'node:http';
import { after, every } from '../clock.ts';

export const wireFaults = [
  'none',
  'hang-before', // no answer, and nothing done
  'hang-after', // done, and no answer
  'twice', // done two times
  'busy', // 429
  'busy-retry-after', // 429 with Retry-After
  'server-error', // 500, and nothing done
  'error-body', // 200 with the vendor's error in it, and nothing done
  'malformed', // done, and the answer is cut JSON
  'wrong-types', // done, and the answer has fields of wrong types
  'slow-drip', // done, and the answer comes byte by byte, for a minute
  'reset-mid-body', // done, and the line breaks within the answer
  'expired', // 401, whatever was sent
  'lying-ok', // says that it was done, and does nothing
] as const;
export type WireFault = (typeof wireFaults)[number];
export type FaultScope = { on?: 'all' | 'switch' | 'read'; times?: number };

/** How an honest server answers: the body is JSON, text, or nothing. */
export type Reply = { status: number; body: unknown; headers?: http.OutgoingHttpHeaders };

export type WireFaults = {
  current(): WireFault;
  /** From now on, or for so many requests, of one kind or of all. */
  set(fault: WireFault, scope?: FaultScope): void;
  /** The fault that falls on this request. */
  next(kind: 'switch' | 'read'): WireFault;
};

export const retryAfterSeconds = 3;

export function createWireFaults(): WireFaults {
  let state: { fault: WireFault; on: 'all' | 'switch' | 'read'; left: number } = { fault: 'none', on: 'all', left: 0 };
  return {
    current: () => (state.left > 0 ? state.fault : 'none'),
    set(fault, { on = 'all', times = Number.POSITIVE_INFINITY } = {}) {
      state = { fault, on, left: times };
    },
    next(kind) {
      if (state.left <= 0 || (state.on !== 'all' && state.on !== kind)) return 'none';
      state.left -= 1;
      return state.fault;
    },
  };
}

/** `act` does it and says so; `pretend` says so only; the other two are what this server's wrong answers look like. */
export type Honest = { act(): Reply; pretend(): Reply; errorBody: unknown; wrongTypes: unknown; challenge?: string };

export function answerUnder(fault: WireFault, response: http.ServerResponse, server: Honest): void {
  const reply = replyUnder(fault, server);
  if (reply === null) return; // the caller waits in vain
  if (fault === 'slow-drip') drip(response, reply);
  else if (fault === 'reset-mid-body') breakOff(response, reply);
  else send(response, reply);
}

function replyUnder(fault: WireFault, server: Honest): Reply | null {
  switch (fault) {
    case 'hang-before':
      return null;
    case 'hang-after':
      server.act();
      return null;
    case 'twice':
      server.act();
      return server.act();
    case 'busy':
      return tooMany;
    case 'busy-retry-after':
      return { ...tooMany, headers: { 'retry-after': String(retryAfterSeconds) } };
    case 'server-error':
      return { status: 500, body: 'Internal Server Error' };
    case 'error-body':
      return { status: 200, body: server.errorBody };
    case 'malformed':
      return { ...server.act(), body: '{"ison":tru' };
    case 'wrong-types':
      return { ...server.act(), body: server.wrongTypes };
    case 'expired':
      return unauthorized(server.challenge);
    case 'lying-ok':
      return server.pretend();
    case 'none':
    case 'slow-drip':
    case 'reset-mid-body':
      return server.act();
  }
}

const tooMany: Reply = { status: 429, body: 'Too Many Requests' };

export function unauthorized(challenge: string | undefined): Reply {
  const headers = challenge === undefined ? {} : { headers: { 'www-authenticate': challenge } };
  return { status: 401, body: '401 Unauthorized', ...headers };
}

export function send(response: http.ServerResponse, { status, body, headers = {} }: Reply): void {
  const text = textOf(body);
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

function textOf(body: unknown): string {
  if (body === null || body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

const longEnough = 300; // bytes: blanks are added to short answers, so that the drip outlasts any patience
const dripMs = 200;

function drip(response: http.ServerResponse, { status, body }: Reply): void {
  const text = textOf(body).padEnd(longEnough);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  let at = 0;
  const dripping = every(dripMs, () => {
    if (response.destroyed || at >= text.length) {
      dripping.stop();
      response.end();
      return;
    }
    response.write(text.charAt(at));
    at += 1;
  });
}

function breakOff(response: http.ServerResponse, { status, body }: Reply): void {
  const text = textOf(body).padEnd(longEnough);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  response.write(text.slice(0, 10));
  after(20, () => response.socket?.resetAndDestroy());
}
