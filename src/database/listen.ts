import pg from 'pg';
import type { Clock } from '../host/clock.ts';
import type { Log } from './log.ts';
import { channel, type Notification } from './notify.ts';

export type ListenOptions = {
  connection: pg.ClientConfig;
  clock: Clock;
  log: Log;
  onMessage: (message: Notification) => void;
};

const heartbeat = 15_000;
const longestPause = 5000;

/**
 * Hears the channel on a connection of its own. Whatever is said while the connection is away is lost: after every
 * reconnection `onMessage({topic: '*resync'})` tells listeners to read afresh. Returns once it hears; throws when the
 * first connection fails.
 */
export async function listen(o: ListenOptions): Promise<{ close(): Promise<void> }> {
  const ending = new AbortController();
  let client = await hear(o, lost);
  const beat = o.clock.every(
    heartbeat,
    () => void client.query('select 1').catch(() => client.end().catch(() => undefined)),
  );

  function lost(): void {
    if (!ending.signal.aborted) void reconnect();
  }

  async function reconnect(): Promise<void> {
    o.log.warn({}, 'The connection that hears of changes was lost; connecting again.');
    for (let pause = 50; !ending.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      try {
        client = await hear(o, lost);
        if (ending.signal.aborted) await client.end();
        else tell(o, { topic: '*resync' });
        return;
      } catch {
        await o.clock.sleep(pause, ending.signal);
      }
    }
  }

  return {
    async close() {
      ending.abort();
      beat.stop();
      await client.end().catch(() => undefined);
    },
  };
}

async function hear(o: ListenOptions, lost: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    ...o.connection,
    application_name: 'keystead listening',
    keepAlive: true,
    query_timeout: 10_000,
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined); // an 'end' always follows
  client.on('notification', ({ payload }) => {
    const message = parse(payload);
    if (message !== null) tell(o, message);
  });
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  client.once('end', lost);
  return client;
}

function tell(o: ListenOptions, message: Notification): void {
  try {
    o.onMessage(message);
  } catch (error) {
    o.log.error({ err: error, topic: message.topic }, 'A listener failed.');
  }
}

/** Anybody with the password may notify: what is not a message of ours is passed over. */
function parse(payload: string | undefined): Notification | null {
  try {
    const message: unknown = JSON.parse(payload ?? '');
    if (typeof message !== 'object' || message === null || !('topic' in message)) return null;
    return typeof message.topic === 'string' ? (message as Notification) : null;
  } catch {
    return null;
  }
}
