/** The control address of the TTLock simulator: a small index for people, and everything done at the locks over HTTP. */
import {
  carriesJson,
  escapeHtml,
  type Handler,
  jsonObjectFrom,
  namesLoopback,
  PLAIN_POLICY,
  readBody,
  sendHtml,
  sendJson,
  sendText,
} from '../loopback.ts';
import { Refusal } from './errors.ts';
import { lockConditions } from './lock-data.ts';
import type { TtlockSimulator } from './start.ts';

type Simulator = Omit<TtlockSimulator, 'url' | 'otherRegionUrl' | 'close'>;
type Body = Record<string, unknown>;
export type Done = { status: number; body: Body };

const ok: Done = { status: 200, body: { ok: true } };
const refused = (status: number, error: string): Done => ({ status, body: { error } });

/** Also the buttons of the virtual building. */
export function actOnLock(simulator: Simulator, lockId: number, action: string, body: Body): Done {
  if (!simulator.locks().some((lock) => lock.lockId === lockId)) return refused(404, `There is no lock ${lockId}.`);
  const { digits, content, condition, on, percent } = body;
  switch (action) {
    case 'press':
      if (typeof digits !== 'string' || !/^\d{1,20}$/.test(digits)) return refused(400, 'digits is a text of digits.');
      return { status: 200, body: simulator.press(lockId, digits) };
    case 'scan':
      if (typeof content !== 'string') return refused(400, 'content is what stands in the QR code.');
      return { status: 200, body: simulator.scan(lockId, content) };
    case 'hand':
      return { status: 200, body: { ok: true, moved: simulator.turnByHand(lockId) } };
    case 'battery':
      if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) return refused(400, 'percent is 0 to 100.');
      simulator.setBattery(lockId, percent);
      return ok;
    case 'condition': {
      const known = lockConditions.find((each) => each === condition);
      if (known === undefined) return refused(400, `condition is one of ${lockConditions.join(', ')}.`);
      if (typeof on !== 'boolean') return refused(400, 'on is true or false.');
      simulator.setCondition(lockId, known, on);
      return ok;
    }
    case 'code':
      return setCode(simulator, lockId, digits);
    default:
      return refused(404, 'There is nothing here.');
  }
}

function setCode(simulator: Simulator, lockId: number, digits: unknown): Done {
  if (typeof digits !== 'string' || !/^\d{4,9}$/.test(digits)) return refused(400, 'digits is 4 to 9 digits.');
  try {
    simulator.setCodeAtLock(lockId, digits);
    return ok;
  } catch (error) {
    if (error instanceof Refusal) return refused(400, error.message);
    throw error;
  }
}

export function actOnGateway(simulator: Simulator, gatewayId: number, { online, busy }: Body): Done {
  if (!simulator.gateways().some((each) => each.gatewayId === gatewayId)) return refused(404, 'No such gateway.');
  const change = {
    ...(typeof online === 'boolean' ? { online } : {}),
    ...(typeof busy === 'boolean' ? { busy } : {}),
  };
  if (Object.keys(change).length === 0) return refused(400, 'online or busy is true or false.');
  simulator.setGateway(gatewayId, change);
  return ok;
}

export function createControl(simulator: Simulator): Handler {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://control');
    if (!namesLoopback(request)) return sendText(response, 403, 'Only for this machine.');
    if (request.method === 'GET' && url.pathname === '/')
      return sendHtml(response, 200, index(simulator), PLAIN_POLICY);
    if (request.method === 'GET' && url.pathname === '/api/locks') return sendJson(response, 200, simulator.locks());
    if (request.method === 'GET' && url.pathname === '/api/gateways')
      return sendJson(response, 200, simulator.gateways());
    const [, kind, id, action = ''] = /^\/api\/(locks|gateways)\/(\d+)(?:\/([a-z]+))?$/.exec(url.pathname) ?? [];
    if (request.method !== 'POST' || kind === undefined) return sendJson(response, 404, { error: 'Nothing here.' });
    if (!carriesJson(request)) return sendJson(response, 415, { error: 'Send application/json.' });
    const body = jsonObjectFrom(await readBody(request, 4096));
    if (body === null) return sendJson(response, 400, { error: 'Send a JSON object.' });
    const done =
      kind === 'locks' ? actOnLock(simulator, Number(id), action, body) : actOnGateway(simulator, Number(id), body);
    sendJson(response, done.status, done.body);
  };
}

function index(simulator: Simulator): string {
  const rows = simulator.locks().map(({ lockId, name, reach, locked, battery, conditions }) => {
    const state = locked ? 'locked' : 'open';
    return `<tr><td>${escapeHtml(name)}<td>${lockId}<td>${reach}<td>${state}<td>${battery} %<td>${conditions.join(', ')}</tr>`;
  });
  const { clientId, clientSecret, username, password } = simulator.account;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated TTLock locks</title>
<style>:root{color-scheme:light dark;font:1rem/1.5 system-ui}body{max-width:48rem;margin:2rem auto;padding:0 1rem}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #8884}code{overflow-wrap:anywhere}</style>
<h1>Simulated TTLock locks</h1>
<p>Client id <code>${clientId}</code>, secret <code>${clientSecret}</code>, user <code>${escapeHtml(username)}</code>, password <code>${escapeHtml(password)}</code></p>
<table><thead><tr><th>Lock<th>Id<th>Reached by<th>Bolt<th>Battery<th>Conditions</thead><tbody>${rows.join('')}</tbody></table></html>`;
}
