/** A broker on the loopback interface, which can be taken away and brought back on the same port. */
import net from 'node:net';
import { Aedes, type AedesOptions, type Client } from 'aedes';
import { LOOPBACK } from '../loopback.ts';

export type Broker = {
  url: string;
  /** Takes it away, with every connection; nothing is remembered. */
  stop(): Promise<void>;
  /** Brings it back where it was. */
  start(): Promise<void>;
  /** Ends this user's connections and lets in no more of them; null: everybody again. */
  shutOut(username: string | null): void;
  /** The same for one connection by its client id, whoever's it is: as if the way from there alone were cut. */
  keepOut(clientId: string | null): void;
  /** Client ids of those that are connected. */
  clients(): string[];
  /** How many are connected. */
  connected(): number;
  close(): Promise<void>;
};

/** `login`: nobody else is let in. `port`: any free one when absent. */
export async function startBroker(
  o: { login?: { username: string; password: string }; port?: number } = {},
): Promise<Broker> {
  let running: { aedes: Aedes; server: net.Server; sockets: Set<net.Socket> } | null = null;
  let port = o.port ?? 0;
  let shutOut: string | null = null;
  let keptOut: string | null = null;
  const users = new Map<Client, string | null>();

  async function start(): Promise<void> {
    if (running !== null) return;
    const { login } = o;
    const authenticate: AedesOptions['authenticate'] = (client, username, password, done) => {
      const known = login === undefined || (username === login.username && password?.toString() === login.password);
      users.set(client, username ?? null);
      done(null, known && (shutOut === null || username !== shutOut) && client.id !== keptOut);
    };
    const aedes = await Aedes.createBroker({ authenticate });
    aedes.on('clientDisconnect', (client) => users.delete(client));
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      aedes.handle(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, LOOPBACK, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the broker has no port');
    ({ port } = address);
    running = { aedes, server, sockets };
  }

  async function stop(): Promise<void> {
    const there = running;
    running = null;
    if (there === null) return;
    const ended = new Promise<void>((resolve) => there.server.close(() => resolve()));
    for (const socket of there.sockets) socket.destroy();
    await ended;
    await new Promise<void>((resolve) => there.aedes.close(resolve));
  }

  await start();
  return {
    url: `mqtt://${LOOPBACK}:${port}`,
    stop,
    start,
    shutOut(username) {
      shutOut = username;
      for (const [client, user] of users) if (user === username) client.close();
    },
    keepOut(clientId) {
      keptOut = clientId;
      for (const client of users.keys()) if (client.id === clientId) client.close();
    },
    clients: () => [...users.keys()].filter(({ connected }) => connected).map(({ id }) => id),
    connected: () => running?.aedes.connectedClients ?? 0,
    close: stop,
  };
}
