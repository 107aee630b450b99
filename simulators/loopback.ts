/** HTTP on the loopback interface: what every simulator's server needs. Nothing here listens on another interface. */
import { randomInt } from 'node:crypto';
import http from 'node:http';

export const LOOPBACK = '127.0.0.1';

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void> | void;
export type Listening = { server: http.Server; port: number; close(): Promise<void> };

/**
 * `port` null takes any free port for this run; 'lasting' picks one below the range of outgoing connections, so that a
 * restart finds it free again.
 */
export async function listen(handler: Handler, port: number | null | 'lasting'): Promise<Listening> {
  const server = http.createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (isBadAddress(error)) sendText(response, 400, 'Bad Request');
      else {
        console.error('simulator:', error);
        sendText(response, 500, 'simulator fault');
      }
    });
  });
  server.keepAliveTimeout = 30_000;
  for (let attempt = 0; ; attempt++) {
    const wanted = port === 'lasting' ? randomInt(18_000, 32_000) : (port ?? 0);
    try {
      await bind(server, wanted);
      break;
    } catch (error) {
      if (port === 'lasting' && attempt < 50) continue;
      const taken = `A simulator cannot listen on port ${wanted}. Are the simulators running already?`;
      throw new Error(taken, { cause: error });
    }
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a simulator has no port');
  return { server, port: address.port, close: () => shut(server) };
}

/** A path like `//` or `%zz` is the caller's mistake. */
function isBadAddress(error: unknown): boolean {
  return (
    error instanceof URIError || (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL')
  );
}

function bind(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function shut(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The whole body, or null when it is larger than `limit` bytes. */
export async function readBody(request: http.IncomingMessage, limit: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

export function sendText(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

export function sendJson(
  response: http.ServerResponse,
  status: number,
  value: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

export function sendHtml(response: http.ServerResponse, status: number, html: string, policy: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .end(html);
}

/** What a page without scripts and pictures may do. */
export const PLAIN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** null: it is none. Nothing at all is an empty one. */
export function jsonObjectFrom(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : (text ?? ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Against DNS rebinding: only requests that name a loopback host are ours. */
export function namesLoopback(request: http.IncomingMessage): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Against forged posts from other sites: a form cannot send this type, and another origin's script may not. */
export function carriesJson(request: http.IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}
