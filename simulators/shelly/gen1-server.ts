/** The wire of one device of generation 1: plain HTTP addresses, basic authentication, and the faults of a network. */
import type http from 'node:http';
import { pause } from '../clock.ts';
import { type Listening, listen, readBody } from '../loopback.ts';
import type { Device } from './device.ts';
import { gen1Identity, gen1Output, gen1Settings, gen1Status } from './gen1-shapes.ts';
import type { Relay } from './relay.ts';
import { answerUnder, type Reply, send, unauthorized, type WireFaults } from './wire-faults.ts';

const CHALLENGE = 'Basic realm="shelly"';
const notFound: Reply = { status: 404, body: 'Not Found' };

export type SeenRequest = { method: string; path: string };

export async function serveGen1(
  device: Device,
  port: number | null | 'lasting',
  o: { slowMs: number; faults: WireFaults; seen(request: SeenRequest): void },
): Promise<Listening> {
  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://device');
    o.seen({ method: request.method ?? 'GET', path: url.pathname });
    const body = await readBody(request, 4096);
    const { password, fault } = device.record;
    if (url.pathname !== '/shelly' && password !== null && !admits(request.headers.authorization, password)) {
      send(response, unauthorized(CHALLENGE));
      return;
    }
    const given = request.method === 'POST' ? new URLSearchParams(body ?? '') : url.searchParams;
    const channel = /^\/relay\/(\d{1,3})$/.exec(url.pathname)?.[1];
    const turns = channel !== undefined && given.has('turn');
    const act = (): Reply => {
      device.settle();
      return channel === undefined ? read(url.pathname) : relay(Number(channel), given, turns);
    };
    if (fault === 'slow') await pause(o.slowMs);
    if (device.record.fault === 'offline') return lose(request);
    if (fault === 'answer-lost' && turns) {
      act();
      return lose(request);
    }
    answerUnder(o.faults.next(turns ? 'switch' : 'read'), response, {
      act,
      pretend: () => (turns ? pretended(Number(channel), given) : act()),
      errorBody: { error: 'Overpower condition' },
      wrongTypes: { ison: 'yes', relays: [{ ison: 1 }], mac: 7, type: 8, auth: 'no' },
      challenge: CHALLENGE,
    });
  }

  function read(path: string): Reply {
    if (path === '/shelly') return { status: 200, body: gen1Identity(device) };
    if (path === '/status') return { status: 200, body: gen1Status(device) };
    if (path === '/settings') return { status: 200, body: gen1Settings(device) };
    return notFound;
  }

  function relay(channel: number, given: URLSearchParams, turns: boolean): Reply {
    const found = device.relay(channel);
    if (found === undefined || device.record.mode === 'roller') return notFound;
    const wish = turns ? wishOf(found, given) : null;
    if (turns && wish === null) return { status: 400, body: 'Bad turn' };
    // locked by an overload: it answers its state and does nothing
    if (wish !== null && device.record.fault !== 'refuses') device.command(channel, { ...wish, source: 'HTTP_in' });
    return { status: 200, body: gen1Output(device, found) };
  }

  function pretended(channel: number, given: URLSearchParams): Reply {
    const found = device.relay(channel);
    const wish = found === undefined ? null : wishOf(found, given);
    if (found === undefined || wish === null) return notFound;
    const { on, toggleAfter: seconds } = wish;
    const timer = { has_timer: seconds !== null, timer_duration: seconds ?? 0, timer_remaining: seconds ?? 0 };
    return { status: 200, body: { ...gen1Output(device, found), ison: on, ...timer } };
  }

  const listening = await listen(handle, port);
  listening.server.on('connection', (socket) => {
    if (device.record.fault === 'offline') socket.resetAndDestroy();
  });
  return listening;
}

function wishOf(relay: Relay, given: URLSearchParams): { on: boolean; toggleAfter: number | null } | null {
  const turn = given.get('turn');
  if (turn !== 'on' && turn !== 'off' && turn !== 'toggle') return null;
  const timer = given.get('timer');
  const seconds = timer !== null && /^\d{1,6}$/.test(timer) ? Number(timer) : null;
  return { on: turn === 'toggle' ? !relay.output : turn === 'on', toggleAfter: seconds };
}

function admits(header: string | undefined, password: string): boolean {
  const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? '')?.[1];
  // the password of a spec may name its user: `user:password`
  const expected = password.includes(':') ? password : `admin:${password}`;
  return given !== undefined && Buffer.from(given, 'base64').toString('utf8') === expected;
}

function lose(request: http.IncomingMessage): void {
  request.socket.destroy();
}
