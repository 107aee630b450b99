/** Who is told of changes, and the socket.io channel (EIO 4, websocket only) by which they hear. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { every } from '../clock.ts';
import type { Accounts, Answer } from './account.ts';
import type { Route } from './call.ts';
import type { Change } from './cloud.ts';
import { refusal } from './errors.ts';

const pingMs = 25_000;
const openPacket = { upgrades: [], pingInterval: pingMs, pingTimeout: 20_000, maxPayload: 1_000_000 };
type Subscriber = { subscriberID: string; scopes: string[]; clientID: string; userID: string };

export function createSubscribers({ accounts }: { accounts: Accounts }) {
  const known = new Map<string, Subscriber>();
  const sockets = new Map<WebSocket, Subscriber>();
  const server = new WebSocketServer({ noServer: true });
  const pinging = every(pingMs, () => {
    for (const socket of sockets.keys()) socket.send('2');
  });

  function meet(socket: WebSocket, subscriber: Subscriber): void {
    sockets.set(socket, subscriber);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      // engine: 3 pong; socket: 40 wants the namespace
      if (Buffer.isBuffer(data) && data.toString('utf8').startsWith('40'))
        socket.send(`40${JSON.stringify({ sid: `s${sockets.size}` })}`);
    });
    socket.send(`0${JSON.stringify({ sid: `e${sockets.size}`, ...openPacket })}`);
  }

  return {
    subscribe(scopes: unknown): Answer {
      const good = Array.isArray(scopes) && scopes.length === 1 && scopes[0] === 'lock';
      if (!good) throw refusal('BadRequest', 'scopes must be ["lock"]');
      const { clientId: clientID, userId: userID } = accounts.account;
      const one = { subscriberID: `sub${known.size + 1}`, scopes: ['lock'], clientID, userID };
      known.set(one.subscriberID, one);
      return { body: one };
    },
    get(id: string): Answer {
      const one = known.get(id);
      if (one === undefined) throw refusal('ResourceNotFound', 'Subscriber does not exist');
      return { body: one };
    },
    remove(id: string): Answer {
      if (!known.delete(id)) throw refusal('ResourceNotFound', 'Subscriber does not exist');
      for (const [socket, { subscriberID }] of sockets) if (subscriberID === id) socket.close();
      return { body: { message: 'success' } };
    },
    emit(change: Change): void {
      for (const socket of sockets.keys()) socket.send(`42${JSON.stringify(['data', change])}`);
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const { searchParams, pathname } = new URL(request.url ?? '/', 'http://yale');
      const subscriber = known.get(searchParams.get('subscriberID') ?? '');
      const ours = pathname === '/socket.io/' && searchParams.get('EIO') === '4';
      if (!ours || subscriber === undefined || !mayListen(request)) {
        socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => meet(opened, subscriber));
    },
    close(): void {
      pinging.stop();
      for (const socket of sockets.keys()) socket.terminate();
    },
  };

  function mayListen({ headers }: IncomingMessage): boolean {
    try {
      accounts.checkKey(String(headers['x-august-api-key'] ?? headers['x-api-key'] ?? ''));
      accounts.check(String(headers['x-august-access-token'] ?? headers['x-access-token'] ?? ''));
      return true;
    } catch {
      return false;
    }
  }
}
export type Subscribers = ReturnType<typeof createSubscribers>;

const route = (method: string, path: RegExp, run: Route['run']): Route => ({
  method,
  path,
  does: 'looking',
  needs: 'user',
  run,
});
export const subscriberRoutes: Route[] = [
  route('POST', /^\/websocket\/subscribers$/, ({ body }, { subscribers }) => subscribers.subscribe(body.scopes)),
  route('GET', /^\/websocket\/subscribers\/([^/]+)$/, ({ parts }, { subscribers }) => subscribers.get(parts[0] ?? '')),
  route('DELETE', /^\/websocket\/subscribers\/([^/]+)$/, ({ parts }, { subscribers }) =>
    subscribers.remove(parts[0] ?? ''),
  ),
];
