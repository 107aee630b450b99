/** The control address of the Shelly simulator: a small index for people, and its faults over HTTP. */
import {
  carriesJson,
  escapeHtml,
  type Handler,
  namesLoopback,
  PLAIN_POLICY,
  readBody,
  sendHtml,
  sendJson,
  sendText,
} from '../loopback.ts';
import { shellyFaults } from './device.ts';
import type { ShellySimulator } from './start.ts';

export function createControl(simulator: Omit<ShellySimulator, 'url' | 'close'>): Handler {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://control');
    if (!namesLoopback(request)) return sendText(response, 403, 'Only for this machine.');
    if (request.method === 'GET' && url.pathname === '/')
      return sendHtml(response, 200, index(simulator), PLAIN_POLICY);
    if (request.method === 'GET' && url.pathname === '/api/devices')
      return sendJson(response, 200, simulator.devices());

    const [, name, action] = /^\/api\/devices\/([^/]+)\/(fault|power-cycle)$/.exec(url.pathname) ?? [];
    const known = name !== undefined && simulator.devices().some((device) => device.name === decodeURIComponent(name));
    if (request.method !== 'POST' || !known) return sendJson(response, 404, { error: 'There is nothing here.' });
    if (!carriesJson(request)) return sendJson(response, 415, { error: 'Send application/json.' });
    const body = await readBody(request, 4096);
    const fault = shellyFaults.find((each) => body?.includes(`"${each}"`));
    if (action === 'power-cycle') simulator.powerCycle(decodeURIComponent(name));
    else if (fault === undefined) return sendJson(response, 400, { error: 'That is not a fault.' });
    else simulator.setFault(decodeURIComponent(name), fault);
    sendJson(response, 200, simulator.device(decodeURIComponent(name)));
  };
}

function index(simulator: Pick<ShellySimulator, 'devices' | 'cloud'>): string {
  const rows = simulator.devices().map(({ name, address, channels, fault }) => {
    const outputs = channels.map((relay) => (relay.output ? 'on' : 'off')).join(', ');
    const link = `http://${address}/shelly`;
    return `<tr><td>${escapeHtml(name)}<td><a href="${link}">${address}</a><td>${outputs}<td>${fault}</tr>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated Shelly devices</title>
<style>:root{color-scheme:light dark;font:1rem/1.5 system-ui}body{max-width:44rem;margin:2rem auto;padding:0 1rem}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #8884}</style>
<h1>Simulated Shelly devices</h1>
<p>Shelly Cloud: ${escapeHtml(simulator.cloud.url)}</p>
<table><thead><tr><th>Device<th>Address<th>Output<th>Fault</thead><tbody>${rows.join('')}</tbody></table></html>`;
}
