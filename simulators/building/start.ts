/**
 * The virtual building: one page that shows every simulated thing live and has a button for each of their faults. It
 * holds no state of its own, answers this machine only, and imports nothing of src/.
 */
import type http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { every } from '../clock.ts';
import {
  carriesJson,
  jsonObjectFrom,
  LOOPBACK,
  listen,
  namesLoopback,
  readBody,
  sendHtml,
  sendJson,
  sendText,
} from '../loopback.ts';
import { pageFiles } from '../page-files.ts';
import type { ShellySimulator } from '../shelly/start.ts';
import { openStore } from '../store.ts';
import type { StripeSimulator } from '../stripe/start.ts';
import type { TtlockSimulator } from '../ttlock/start.ts';
import type { YaleSimulator } from '../yale/start.ts';
import { act } from './actions.ts';
import { pageHtml } from './page.ts';
import { everything, type Link, recent } from './state.ts';

export type { Link } from './state.ts';
export type BuildingOptions = {
  stripe: StripeSimulator;
  shelly: ShellySimulator;
  ttlock: TtlockSimulator;
  yale: YaleSimulator;
  port?: number;
  stateDir?: string | null; // where the port is remembered
  links?: () => Link[];
};
export type Building = { url: string; close(): Promise<void> };

const LOOK_MS = 300;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
const scripts = [
  'building',
  'elements',
  'relays',
  'locks',
  'yale-locks',
  'lock-words',
  'reader',
  'payments',
  'words',
].map((name) => `${name}.js`);
const qrReader = fileURLToPath(import.meta.resolve('jsqr'));
const own = {
  ...Object.fromEntries(['building.css', 'locks.css'].map((name) => [name, 'text/css'])),
  ...Object.fromEntries(scripts.map((name) => [name, 'text/javascript'])),
};
const sendFile = pageFiles(import.meta.dirname, own, [qrReader]);

export async function startBuilding(options: BuildingOptions): Promise<Building> {
  const { stripe, shelly, ttlock, yale, links = () => [] } = options;
  const parts = { stripe, shelly, ttlock, yale, links };
  const watching = new Set<http.ServerResponse>();
  let shown = '';

  function tell(): void {
    if (watching.size === 0) return;
    const { now, ...rest } = recent(parts);
    const seen = JSON.stringify(rest);
    if (seen === shown) return;
    shown = seen;
    const message = `data: ${JSON.stringify({ now, ...rest })}\n\n`;
    for (const response of watching) response.write(message);
  }

  function watch(response: http.ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: 1000\ndata: ${JSON.stringify(recent(parts))}\n\n`);
    watching.add(response);
    response.on('close', () => watching.delete(response));
  }

  async function post(url: URL, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (!carriesJson(request)) return sendJson(response, 415, { error: 'Send application/json.' });
    const body = jsonObjectFrom(await readBody(request, 16 * 1024));
    if (body === null) return sendJson(response, 400, { error: 'Send a JSON object.' });
    const done = await act(parts, url.pathname, body);
    sendJson(response, done.status, done.body);
    tell();
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (!namesLoopback(request)) return sendText(response, 403, 'Only for this machine.');
    const url = new URL(request.url ?? '/', 'http://building');
    if (request.method === 'POST') return post(url, request, response);
    if (request.method !== 'GET') return sendText(response, 405, 'Method Not Allowed');
    if (sendFile(url.pathname, response)) return;
    if (url.pathname === '/') sendHtml(response, 200, pageHtml(), POLICY);
    else if (url.pathname === '/api/state') sendJson(response, 200, everything(parts));
    else if (url.pathname === '/api/live') watch(response);
    else sendText(response, 404, 'There is nothing here.');
  }

  const stateDir = options.stateDir ?? null;
  const store = openStore(stateDir === null ? null : path.join(stateDir, 'building.journal'));
  const ports = store.table<number>('ports');
  const lasting = stateDir === null ? null : 'lasting';
  const listening = await listen(handle, options.port ?? ports.get('building') ?? lasting);
  ports.put('building', listening.port);
  store.commit();
  const looking = every(LOOK_MS, tell);
  return {
    url: `http://${LOOPBACK}:${listening.port}`,
    async close() {
      looking.stop();
      for (const response of watching) response.end();
      await listening.close();
      store.close();
    },
  };
}
