import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** A request to leave HTTP on its connection. Whoever takes it answers it, or refuses it. */
export type Upgrade = { request: IncomingMessage; socket: Duplex; head: Buffer; path: string };
type Handler = (upgrade: Upgrade) => Promise<void>;

const handlers = new WeakMap<FastifyInstance['server'], Map<string, Handler>>();

/**
 * Takes the upgrades of paths that begin with `prefix`; those that nobody takes are answered 404. The server's shutdown
 * ends what was upgraded: it would hold the process for ever. To be called before the server listens.
 */
export function onUpgrade(app: FastifyInstance, prefix: string, handler: Handler): void {
  const known = handlers.get(app.server);
  if (known !== undefined) {
    known.set(prefix, handler);
    return;
  }
  const all = new Map([[prefix, handler]]);
  handlers.set(app.server, all);
  const sockets = new Set<Duplex>();
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    for (const socket of sockets) socket.destroy();
  });
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined); // its 'close' follows
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const path = (request.url ?? '').split('?')[0] ?? '';
    const taker = [...all].find(([begin]) => path.startsWith(begin))?.[1];
    if (closing) refuseUpgrade(socket, 503);
    else if (taker === undefined) refuseUpgrade(socket, 404);
    else {
      taker({ request, socket, head, path }).catch((error: unknown) => {
        app.log.error({ err: error }, 'A connection could not be upgraded.');
        refuseUpgrade(socket, 500);
      });
    }
  });
}

export function refuseUpgrade(socket: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? '';
  socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
