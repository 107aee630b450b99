/** The wire of one device of generation 1: plain HTTP addresses, basic authentication, and the faults of a network. */
import type http from 'node:http';
import { pause } from '../clock.ts';
import { type Heard, hear, underWay } from '../heard.ts';
import { type Listening, listen, readBody } from '../loopback.ts';
import { type Said, send, spoil, type Troubles, twisted } from '../trouble.ts';
import type { Device } from './device.ts';
import { gen1Identity, gen1Output, gen1Settings, gen1Status } from './gen1-shapes.ts';
import type { Relay } from './relay.ts';

const CHALLENGE = 'Basic realm="shelly"';
const notFound: Said = { status: 404, body: 'Not Found' };
const unauthorized: Said = { status: 401, body: '401 Unauthorized' };

export async function serveGen1(
  device: Device,
  port: number | null | 'lasting',
  o: { slowMs: number; troubles: Troubles; heard: Heard },
): Promise<Listening> {
  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://device');
    const body = await readBody(request, 4096);
    const { password, fault } = device.record;
    const given = request.method === 'POST' ? new URLSearchParams(body ?? '') : url.searchParams;
    const channel = /^\/relay\/(\d{1,3})$/.exec(url.pathname)?.[1];
    const turns = channel !== undefined && given.has('turn');
    hear(o.heard, url.pathname, turns);
    const deny = (): Said => {
      response.setHeader('www-authenticate', CHALLENGE);
      return unauthorized;
    };
    if (url.pathname !== '/shelly' && password !== null && !admits(request.headers.authorization, password)) {
      return send(response, deny());
    }
    const act = (): Said => {
      device.settle();
      return channel === undefined ? read(url.pathname) : relay(Number(channel), given, turns);
    };
    const troubled = o.troubles.next(turns ? 'switching' : 'looking');
    if (troubled !== null) {
      device.troubled(troubled);
      return spoil(troubled, response, {
        act: troubled === 'lying-ok' && turns ? () => pretended(Number(channel), given) : act,
        no: () => ({ status: 400, body: 'Bad turn!' }), // it has no other way
        twist: (said) => (said.status === 200 ? json(twisted(JSON.parse(said.body))) : said),
        expired: url.pathname === '/shelly' ? act : deny,
      }).finally(() => device.troubled(null));
    }
    if (fault === 'slow') await pause(o.slowMs);
    if (device.record.fault === 'offline') return lose(request);
    if (fault === 'answer-lost' && turns) {
      act();
      return lose(request);
    }
    send(response, act());
  }

  function read(path: string): Said {
    if (path === '/shelly') return json(gen1Identity(device));
    if (path === '/status') return json(gen1Status(device));
    if (path === '/settings') return json(gen1Settings(device));
    return notFound;
  }

  function relay(channel: number, given: URLSearchParams, turns: boolean): Said {
    const found = device.relay(channel);
    if (found === undefined || device.record.mode === 'roller') return notFound;
    const wish = turns ? wishOf(found, given) : null;
    if (turns && wish === null) return { status: 400, body: 'Bad turn' };
    // locked by an overload: it answers its state and does nothing
    if (wish !== null && device.record.fault !== 'refuses') device.command(channel, { ...wish, source: 'HTTP_in' });
    return json(gen1Output(device, found));
  }

  function pretended(channel: number, given: URLSearchParams): Said {
    const found = device.relay(channel);
    const wish = found === undefined ? null : wishOf(found, given);
    if (found === undefined || wish === null) return notFound;
    const { on, toggleAfter: seconds } = wish;
    const timer = { has_timer: seconds !== null, timer_duration: seconds ?? 0, timer_remaining: seconds ?? 0 };
    return json({ ...gen1Output(device, found), ison: on, ...timer });
  }

  const listening = await listen((request, response) => underWay(o.heard, handle(request, response)), port);
  listening.server.on('connection', (socket) => {
    if (device.record.fault === 'offline') socket.resetAndDestroy();
  });
  return listening;
}

const json = (body: unknown): Said => ({ status: 200, body: JSON.stringify(body) });

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
