/**
 * A Shelly Cloud in front of the same relays: the v2 API, and of v1 what v2 has no counterpart for. One request a second
 * for the account, counted in real time whatever the clock of the building says.
 * https://shelly-api-docs.shelly.cloud/cloud-control-api/communication-v2
 */
import { createHash } from 'node:crypto';
import type http from 'node:http';
import { elapsed, pause, type SimulatorClock } from '../clock.ts';
import { type Heard, hear, nothingHeard, underWay } from '../heard.ts';
import { type Listening, LOOPBACK, listen, readBody } from '../loopback.ts';
import { createTroubles, type Said, send, spoil, type Trouble, type TroubleKind, twisted } from '../trouble.ts';
import { cloudCode, cloudId, cloudSettings, createPictures, type PictureLag } from './cloud-pictures.ts';
import type { Device } from './device.ts';

export type CloudRequest = {
  at: number; // milliseconds of a clock that never jumps
  path: string;
  ids: string[];
  status: number; // 0: never answered
};
export type CloudOptions = { authKey?: string; limited?: boolean };
export type CloudSimulator = {
  url: string;
  authKey(): string;
  /** The id by which the cloud knows a device. */
  idOf(name: string): string;
  trouble(): TroubleKind | null;
  setTrouble(trouble: Trouble | null): void;
  heard(): Heard;
  /** How late devices report to the cloud; `frozen`: not at all. */
  setLag(lag: PictureLag): void;
  /** The account's password was changed: the old key is worth nothing. */
  renewKey(key: string): void;
  requests(): CloudRequest[];
  /** The shortest time between two requests, in milliseconds; null before the second. */
  shortestSpacing(): number | null;
};

const MOST_IDS = 10;
const LIMIT_MS = 1000;
const REMEMBERED = 5000;

export async function serveCloud(
  o: CloudOptions & { devices(): Device[]; clock: SimulatorClock; port: number | null | 'lasting'; slowMs: number },
): Promise<{ cloud: CloudSimulator; listening: Listening }> {
  const pictures = createPictures();
  const troubles = createTroubles();
  const heard = nothingHeard();
  const seen: CloudRequest[] = [];
  let authKey = o.authKey ?? createHash('sha256').update('simulated account').digest('hex').toUpperCase().repeat(2);
  for (const device of o.devices()) pictures.of(device);

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.setHeader('date', new Date(o.clock.now()).toUTCString());
    const url = new URL(request.url ?? '/', 'http://cloud');
    const text = (await readBody(request, 64 * 1024)) ?? '';
    const form = url.pathname.startsWith('/v2/') ? null : new URLSearchParams(text || url.search);
    const body = form === null ? parse(text) : null;
    const switches = url.pathname.includes('/set/');
    hear(heard, url.pathname, switches);
    const entry: CloudRequest = { at: elapsed(), path: url.pathname, ids: idsOf(body), status: 0 };
    const before = seen.at(-1);
    seen.push(entry);
    if (seen.length > REMEMBERED) seen.shift();
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    if ((form ?? url.searchParams).get('auth_key') !== authKey) {
      const said = form === null ? failure('UNAUTHORIZED', 'Wrong auth_key') : v1Failure('wrong_token', 'Bad token');
      return send(response, json({ status: 401, body: said }));
    }
    if (o.limited !== false && before !== undefined && entry.at - before.at < LIMIT_MS) {
      const said = form === null ? failure('TOO_MANY_REQUESTS', 'Too many') : v1Failure('max_req', 'Request limit!');
      return send(response, json({ status: 429, body: said }));
    }
    const device = switches ? find(entry.ids[0] ?? '') : undefined;
    if (device?.record.fault === 'slow') await pause(o.slowMs);
    const act = (): Said => json(answer(url.pathname, body));
    if (device?.record.fault === 'answer-lost') {
      act();
      return void request.socket.destroy();
    }
    const troubled = troubles.next(switches ? 'switching' : 'looking');
    if (troubled === null) return send(response, act());
    device?.troubled(troubled);
    const no = form === null ? failure('BAD_REQUEST', 'Not now') : v1Failure('internal', 'Not now');
    const expired = form === null ? failure('UNAUTHORIZED', 'Wrong auth_key') : v1Failure('wrong_token', 'Bad token');
    return spoil(troubled, response, {
      act,
      no: () => json({ status: 200, body: no }),
      twist: (said) => json({ status: 200, body: said.body === '' ? [7] : twisted(JSON.parse(said.body)) }),
      expired: () => json({ status: 401, body: expired }),
    }).finally(() => device?.troubled(null));
  }

  function answer(path: string, body: Record<string, unknown> | null): Reply {
    if (path === '/device/all_status') return allStatus();
    if (body === null) return refused('BAD_REQUEST', 'A JSON object is expected');
    if (path === '/v2/devices/api/get') return get(body);
    if (path === '/v2/devices/api/set/switch') return set(body) ?? { status: 200, body: null };
    if (path === '/v2/devices/api/set/groups') return setGroups(body);
    return { status: 404, body: failure('NOT_FOUND', 'No such address') };
  }

  function get({ ids, select }: Record<string, unknown>): Reply {
    if (!Array.isArray(ids) || ids.length < 1 || ids.length > MOST_IDS) {
      return refused('BAD_REQUEST', `ids must be 1 to ${MOST_IDS} device ids`);
    }
    const wanted = Array.isArray(select) ? select : [];
    const found = ids.flatMap((id) => find(String(id)) ?? []); // what the account does not have is left out
    return {
      status: 200,
      body: found.map((device) => {
        const { online, status } = pictures.of(device);
        return {
          id: cloudId(device),
          type: device.record.mode === 'roller' ? 'roller' : 'relay',
          ...cloudCode(device),
          online: online ? 1 : 0,
          ...(wanted.includes('status') ? { status } : {}),
          ...(wanted.includes('settings') ? { settings: cloudSettings(device) } : {}),
        };
      }),
    };
  }

  /** null: done. */
  function set({ id, channel = 0, on, toggle_after: toggleAfter }: Record<string, unknown>): Reply | null {
    const device = find(String(id));
    if (device === undefined) return refused('DEVICE_NOT_FOUND', 'Not on this account', 404);
    if (device.record.fault === 'offline') return refused('DEVICE_OFFLINE', 'The device is offline');
    if (device.record.mode === 'roller') return refused('DEVICE_INVALID_MODE', 'The device is no switch');
    if (device.record.fault === 'refuses') return refused('DEVICE_COMMAND_FAILED', 'Overpower condition');
    const seconds = toggleAfter ?? null;
    const timed = seconds === null || (typeof seconds === 'number' && seconds > 0);
    if (typeof on !== 'boolean' || typeof channel !== 'number' || !timed) return refused('BAD_REQUEST', 'Bad command');
    if (device.relay(channel) === undefined) return refused('DEVICE_CHANNEL_NOT_FOUND', 'No such channel', 404);
    device.settle();
    const source = device.record.generation === 1 ? 'cloud' : 'SHC';
    device.command(channel, { on, source, toggleAfter: typeof seconds === 'number' ? seconds : null });
    return null;
  }

  function setGroups({ switch: group }: Record<string, unknown>): Reply {
    const { ids, command } = isObject(group) ? group : {};
    if (!Array.isArray(ids) || !isObject(command)) return refused('BAD_REQUEST', 'Bad group');
    const failedCommands = ids.flatMap((text) => {
      const [id, channel = '0'] = String(text).split('_');
      return set({ ...command, id, channel: Number(channel) }) === null ? [] : [String(text)];
    });
    return { status: 200, body: failedCommands.length === 0 ? null : { failedCommands } };
  }

  function allStatus(): Reply {
    const devices = o.devices().map((device) => {
      const { online, status } = pictures.of(device);
      const info = { id: cloudId(device), ...cloudCode(device), online };
      return [info.id, { ...status, _dev_info: info }] as const;
    });
    return { status: 200, body: { isok: true, data: { devices_status: Object.fromEntries(devices) } } };
  }

  const find = (id: string): Device | undefined => o.devices().find((device) => cloudId(device) === id);

  const listening = await listen((request, response) => underWay(heard, handle(request, response)), o.port);
  const cloud: CloudSimulator = {
    url: `http://${LOOPBACK}:${listening.port}`,
    authKey: () => authKey,
    idOf(name) {
      const device = o.devices().find(({ record }) => record.name === name);
      if (device === undefined) throw new Error(`there is no simulated Shelly device called ${name}`);
      return cloudId(device);
    },
    trouble: troubles.current,
    setTrouble: troubles.set,
    heard: () => ({ ...heard }),
    setLag: pictures.setLag,
    renewKey(key) {
      authKey = key;
    },
    requests: () => [...seen],
    shortestSpacing: () =>
      seen.length < 2 ? null : Math.min(...seen.slice(1).map(({ at }, i) => at - (seen[i]?.at ?? at))),
  };
  return { cloud, listening };
}

type Reply = { status: number; body: unknown };
/** null: a good answer without a body. */
const json = ({ status, body }: Reply): Said => ({ status, body: body === null ? '' : JSON.stringify(body) });

function idsOf(body: Record<string, unknown> | null): string[] {
  if (body === null) return [];
  if (Array.isArray(body.ids)) return body.ids.map(String);
  return typeof body.id === 'string' ? [body.id] : [];
}

const failure = (error: string, message: string) => ({ error, data: { messages: [message] } });
const v1Failure = (error: string, message: string) => ({ isok: false, errors: { [error]: message } });
const refused = (error: string, message: string, status = 400): Reply => ({ status, body: failure(error, message) });

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
