import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Line } from '../../drivers/port.ts';
import type { ConnectionsService } from '../../features/connections/connections.service.ts';
import type { Clock } from '../../host/clock.ts';
import { onUpgrade, refuseUpgrade } from '../../http/upgrades.ts';

/**
 * Where Shelly devices behind NAT dial us: wss://…/api/inbound/shelly/<secret>. They show no other credential, so the
 * secret is asked for before anything is upgraded, and never written down. What they say is the driver's business.
 */
type Deps = {
  connections: Pick<ConnectionsService, 'bySecret'>;
  accept: (whose: { organizationId: Found['organizationId']; connectionId: Found['id'] }, line: Line) => Promise<void>;
  /** The engine of this process runs: others can find what hangs here. */
  isOpen: () => boolean;
  clock: Clock;
};
type Found = NonNullable<Awaited<ReturnType<ConnectionsService['bySecret']>>>;

const prefix = '/api/inbound/shelly/';
/** A status of the largest device has some 10 KB. */
const largestMessage = 64 * 1024;
const pingEvery = 20_000;
/** A device that measures power tells some 2 things a second. */
const mostMessages = { count: 500, milliseconds: 1000 } as const;
const mostUnsent = 1024 * 1024;
/** Of one secret on this process: devices, and their old sockets that have not noticed yet. */
const mostSockets = 300;

export function shellySockets(app: FastifyInstance, { connections, accept, isOpen, clock }: Deps): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const counts = new Map<string, number>();

  onUpgrade(app, prefix, async ({ request, socket, head, path }) => {
    const found = await connections.bySecret(path.slice(prefix.length));
    if (socket.destroyed) return; // hung up meanwhile: its place would never be given back
    if (found === null) return refuseUpgrade(socket, 404);
    if (!isOpen()) return refuseUpgrade(socket, 503);
    const count = counts.get(found.id) ?? 0;
    if (count >= mostSockets) return refuseUpgrade(socket, 429);
    counts.set(found.id, count + 1);
    socket.on('close', () => {
      const left = (counts.get(found.id) ?? 1) - 1;
      if (left === 0) counts.delete(found.id);
      else counts.set(found.id, left);
    });
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => ws.terminate());
      ws.pause(); // until the driver listens
      const line = lineOf(ws, clock);
      accept({ organizationId: found.organizationId, connectionId: found.id }, line).catch((error: unknown) => {
        app.log.error({ err: error, connection: found.id }, 'A device that dialled in could not be taken.');
        line.close('not now');
      });
    });
  });
}

/** A socket as a driver takes it; it is paused until somebody listens. */
export function lineOf(ws: WebSocket, clock: Clock): Line {
  let alive = true;
  const pings = clock.every(pingEvery, () => {
    if (!alive) return ws.terminate();
    alive = false;
    ws.ping();
  });
  ws.on('pong', () => {
    alive = true;
  });
  ws.on('close', () => pings.stop());
  const close = (why: string, code = 1008): void => {
    ws.resume();
    ws.close(code, why.slice(0, 100));
    void clock.sleep(2000).then(() => ws.terminate()); // a farewell is not waited for
  };
  return {
    send(text) {
      if (ws.readyState !== ws.OPEN) return;
      if (ws.bufferedAmount > mostUnsent) ws.terminate();
      else ws.send(text);
    },
    close: (why) => close(why),
    listen(on) {
      let since = clock.now();
      let count = 0;
      ws.on('message', (data, isBinary) => {
        if (clock.now() - since > mostMessages.milliseconds) {
          since = clock.now();
          count = 0;
        }
        count += 1;
        if (isBinary) close('texts only', 1003);
        else if (count > mostMessages.count) ws.terminate();
        else if (data instanceof Buffer) on.message(data.toString('utf8')); // texts come so
      });
      if (ws.readyState === ws.CLOSED) on.closed();
      else ws.on('close', on.closed);
      ws.resume();
    },
  };
}
