/** The wire of one device: JSON-RPC three ways and the Gen1 address, digest authentication, and the faults of a network. */
import type http from 'node:http';
import { pause } from '../clock.ts';
import { type Heard, hear, underWay } from '../heard.ts';
import { type Listening, listen, readBody, sendText } from '../loopback.ts';
import { type Said, spoil, type Troubles, twisted } from '../trouble.ts';
import type { Device } from './device.ts';
import { createGuard } from './digest.ts';
import { type Answer, call, openMethod, type Params, switches } from './methods.ts';
import { gen1Relay } from './shapes.ts';

const WAY = 'HTTP_in';
const LARGEST_BODY = 8 * 1024; // a device has little memory

type Call = { method: string; params: Params; frame: { id: unknown; src: unknown } | null };
type Parsed = Call | { status: number; text: string };

export async function serveDevice(
  device: Device,
  port: number | null | 'lasting',
  o: { slowMs: number; troubles: Troubles; heard: Heard },
): Promise<Listening> {
  const guard = createGuard(device.record.id);

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    const url = new URL(target, 'http://device');
    const body = await readBody(request, LARGEST_BODY);
    if (body === null) {
      response.setHeader('connection', 'close');
      return sendText(response, 413, 'Request Entity Too Large');
    }
    const parsed = parse(request.method ?? 'GET', url, body);
    const open = 'method' in parsed ? parsed.method === openMethod : parsed.status === 404;
    const { password, fault } = device.record;
    const authorization = request.headers.authorization;
    const switching = 'method' in parsed && isSwitching(parsed);
    hear(o.heard, url.pathname, switching);
    const troubled = o.troubles.next(switching ? 'switching' : 'looking');
    const admitted = () =>
      troubled !== 'credentials-expired' &&
      guard.admits(authorization, request.method ?? 'GET', target, password ?? '');
    if (password !== null && !open && !admitted()) {
      response.writeHead(401, { 'www-authenticate': guard.challenge(), 'content-length': 0 }).end();
      return;
    }
    if (!('method' in parsed)) return sendText(response, parsed.status, parsed.text);

    const act = (): Answer =>
      parsed.method === 'relay' ? gen1(device, parsed.params) : call(device, parsed.method, parsed.params, WAY);
    if (troubled !== null) {
      device.troubled(troubled);
      const no: Answer = { kind: 'error', code: -109, message: 'Overpower condition, output is locked!' };
      const good = (): Said => said(device, parsed, act());
      return spoil(troubled, response, {
        act: good,
        no: () => said(device, parsed, no),
        twist: (one) => ({ ...one, body: twist(one.body) }),
        expired: good, // asked for above, where it asks for one at all
      }).finally(() => device.troubled(null));
    }
    const answer = act();
    if (fault === 'slow') await pause(o.slowMs);
    if (device.record.fault === 'offline') return lose(request);
    if (fault === 'answer-lost' && answer.kind === 'result' && answer.changed) return lose(request);
    reply(response, device, parsed, answer);
  }

  const listening = await listen((request, response) => underWay(o.heard, handle(request, response)), port);
  listening.server.on('connection', (socket) => {
    if (device.record.fault === 'offline') socket.resetAndDestroy();
  });
  return listening;
}

function isSwitching({ method, params }: Call): boolean {
  return switches(method) || (method === 'relay' && params.turn !== undefined);
}

/** The envelope keeps its types: a wrong answer of the right device. */
function twist(body: string): string {
  const value: unknown = JSON.parse(body);
  if (!isObject(value) || value.result === undefined) return JSON.stringify(twisted(value));
  return JSON.stringify({ ...value, result: twisted(value.result) });
}

function lose(request: http.IncomingMessage): void {
  request.socket.destroy();
}

function reply(response: http.ServerResponse, device: Device, parsed: Call, answer: Answer): void {
  const { status, body } = said(device, parsed, answer);
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function said(device: Device, parsed: Call, answer: Answer): Said {
  const failed = answer.kind === 'error' ? { code: answer.code, message: answer.message } : null;
  if (parsed.frame !== null) {
    const { id, src } = parsed.frame;
    const dst = typeof src === 'string' ? { dst: src } : {};
    const told = answer.kind === 'result' ? { result: answer.result } : { error: failed };
    // an error inside the envelope is still a good answer of HTTP
    return { status: 200, body: JSON.stringify({ id, src: device.record.id, ...dst, ...told }) };
  }
  if (answer.kind === 'result') return { status: 200, body: JSON.stringify(answer.result) };
  return { status: answer.code === 404 ? 404 : 500, body: JSON.stringify(failed) };
}

function parse(verb: string, url: URL, body: string): Parsed {
  const path = url.pathname;
  if (verb !== 'GET' && verb !== 'POST') return { status: 405, text: 'Method Not Allowed' };
  if (path === '/shelly') return { method: openMethod, params: {}, frame: null };
  const relay = /^\/relay\/(\d+)$/.exec(path)?.[1];
  if (relay !== undefined) {
    const given = verb === 'POST' ? new URLSearchParams(body) : url.searchParams;
    return { method: 'relay', params: { ...Object.fromEntries(given), id: Number(relay) }, frame: null };
  }
  const method = /^\/rpc\/([\w.]+)$/.exec(path)?.[1];
  if (path === '/rpc' && verb === 'POST') return parseFrame(body);
  if (method === undefined) return { status: 404, text: 'Not Found' };
  if (verb === 'GET') return { method, params: queryParams(url.searchParams), frame: null };
  const params = body.trim() === '' ? {} : parseObject(body);
  return params === null ? { status: 400, text: 'Bad Request' } : { method, params, frame: null };
}

function parseFrame(body: string): Parsed {
  const frame = parseObject(body);
  if (frame === null || typeof frame.method !== 'string') return { status: 400, text: 'Bad Request' };
  const params = frame.params ?? {};
  if (!isObject(params)) return { status: 400, text: 'Bad Request' };
  return { method: frame.method, params, frame: { id: frame.id ?? null, src: frame.src } };
}

/** In an address every value is JSON where it can be (`true`, `60`), else text. */
function queryParams(query: URLSearchParams): Params {
  const params: Params = {};
  for (const [key, text] of query) {
    try {
      params[key] = JSON.parse(text);
    } catch {
      params[key] = text;
    }
  }
  return params;
}

function gen1(device: Device, params: Params): Answer {
  device.settle();
  const id = typeof params.id === 'number' ? params.id : 0;
  const relay = device.relay(id);
  if (relay === undefined) return { kind: 'error', code: 404, message: 'Not Found' };
  const { turn, timer } = params;
  if (turn === undefined) return { kind: 'result', result: gen1Relay(device, relay), changed: false };
  if (turn !== 'on' && turn !== 'off' && turn !== 'toggle') {
    return { kind: 'error', code: -103, message: 'Bad turn' };
  }
  const on = turn === 'toggle' ? !relay.output : turn === 'on';
  const seconds = typeof timer === 'string' && /^\d+(\.\d+)?$/.test(timer) ? Number(timer) : null;
  const wish = { id, on, ...(seconds === null ? {} : { toggle_after: seconds }) };
  const done = call(device, 'Switch.Set', wish, WAY);
  return done.kind === 'error' ? done : { kind: 'result', result: gen1Relay(device, relay), changed: true };
}

function parseObject(text: string): Params | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
