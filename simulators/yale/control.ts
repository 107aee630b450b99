/** The control address of the simulator: a small index for people, and everything done at the locks over HTTP. */
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
import { lockConditions } from './lock-data.ts';
import type { YaleSimulator } from './start.ts';

type Simulator = Omit<YaleSimulator, 'url' | 'close'>;
type Body = Record<string, unknown>;
export type Done = { status: number; body: Body };

const ok: Done = { status: 200, body: { ok: true } };
const refused = (status: number, error: string): Done => ({ status, body: { error } });

/** Also the buttons of the virtual building. */
export function actOnLock(simulator: Simulator, lockId: string, action: string, body: Body): Done {
  if (!simulator.locks().some((lock) => lock.lockId === lockId)) return refused(404, `There is no lock ${lockId}.`);
  const { digits, condition, on, percent } = body;
  switch (action) {
    case 'press':
      if (typeof digits !== 'string' || !/^\d{1,20}$/.test(digits)) return refused(400, 'digits is a text of digits.');
      return { status: 200, body: simulator.press(lockId, digits) };
    case 'hand':
      return { status: 200, body: { ok: true, moved: simulator.turnByHand(lockId) } };
    case 'door':
      if (typeof on !== 'boolean') return refused(400, 'on is true (open) or false.');
      simulator.moveDoor(lockId, on);
      return ok;
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
    default:
      return refused(404, 'There is nothing here.');
  }
}

export function actOnBridge(simulator: Simulator, bridgeId: string, { online, busy }: Body): Done {
  if (!simulator.bridges().some((each) => each.bridgeId === bridgeId)) return refused(404, 'No such bridge.');
  const change = {
    ...(typeof online === 'boolean' ? { online } : {}),
    ...(typeof busy === 'boolean' ? { busy } : {}),
  };
  if (Object.keys(change).length === 0) return refused(400, 'online or busy is true or false.');
  simulator.setBridge(bridgeId, change);
  return ok;
}

/** Paths that the cloud itself does not have: `/` and `/control/…`. */
export function createControl(simulator: Simulator): Handler {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://control');
    if (!namesLoopback(request)) return sendText(response, 403, 'Only for this machine.');
    if (request.method === 'GET' && url.pathname === '/')
      return sendHtml(response, 200, index(simulator), PLAIN_POLICY);
    if (request.method === 'GET' && url.pathname === '/control/locks')
      return sendJson(response, 200, simulator.locks());
    if (request.method === 'GET' && url.pathname === '/control/codes')
      return sendJson(response, 200, simulator.mailedCodes());
    const [, kind, id = '', action = ''] =
      /^\/control\/(locks|bridges)\/([0-9A-Za-z]+)(?:\/([a-z]+))?$/.exec(url.pathname) ?? [];
    if (request.method !== 'POST' || kind === undefined) return sendJson(response, 404, { error: 'Nothing here.' });
    if (!carriesJson(request)) return sendJson(response, 415, { error: 'Send application/json.' });
    const body = jsonObjectFrom(await readBody(request, 4096));
    if (body === null) return sendJson(response, 400, { error: 'Send a JSON object.' });
    const done = kind === 'locks' ? actOnLock(simulator, id, action, body) : actOnBridge(simulator, id, body);
    sendJson(response, done.status, done.body);
  };
}

function index(simulator: Simulator): string {
  const rows = simulator.locks().map(({ lockId, name, locked, battery, conditions }) => {
    const state = locked ? 'locked' : 'open';
    return `<tr><td>${escapeHtml(name)}<td>${lockId}<td>${state}<td>${battery} %<td>${conditions.join(', ')}</tr>`;
  });
  const { email, password, apiKey } = simulator.account;
  const codes = simulator.mailedCodes().slice(-3).toReversed();
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated Yale locks</title>
<style>:root{color-scheme:light dark;font:1rem/1.5 system-ui}body{max-width:48rem;margin:2rem auto;padding:0 1rem}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #8884}td{overflow-wrap:anywhere}</style>
<h1>Simulated Yale locks</h1>
<p>API key <code>${apiKey}</code>, user <code>${escapeHtml(email)}</code>, password <code>${escapeHtml(password)}</code></p>
<p>Codes mailed for signing in, newest first: ${codes.length === 0 ? 'none yet' : codes.join(', ')}</p>
<table><thead><tr><th>Lock<th>Id<th>Bolt<th>Battery<th>Conditions</thead><tbody>${rows.join('')}</tbody></table></html>`;
}
