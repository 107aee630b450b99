import pg from 'pg';
import { freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { movingClock } from '../support/moving-clock.ts';
import { startKeystead } from './keystead-process.ts';
import { openPlace, type Place } from './place.ts';

/** A place with a lock of a simulated TTLock account, furnished by a server that was then stopped. */
export type LockScene = {
  place: Place;
  environment: Record<string, string>;
  client: pg.Client;
  lockId: string;
  close(): Promise<void>;
};

export async function openLockScene(): Promise<LockScene> {
  const fresh = await freshDatabase({ from: 'template0' });
  const place = await openPlace({ port: await freePort(), names: ['One'], clock: movingClock() });
  const environment = {
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
  };
  const first = await startKeystead(environment);
  await place.furnish();
  const { ttlock } = place.simulators;
  const { clientId, clientSecret, username, password } = ttlock.account;
  const account = { server: ttlock.url, clientId, clientSecret, username, password };
  const connection = await place.call('POST', '/api/connections', { body: { vendor: 'ttlock', ...account } });
  const wish = { connectionId: connection.body.id, hardwareId: String(ttlock.idOf('Front')) };
  const made = await place.call('POST', '/api/locks', { body: wish });
  if (made.status !== 200) throw new Error(`There is no lock: ${made.status} ${JSON.stringify(made.body)}`);
  await first.stop();
  const client = new pg.Client(fresh.connection);
  await client.connect();
  return {
    place,
    environment,
    client,
    lockId: made.body.id,
    async close() {
      await client.end();
      await place.close();
      await fresh.drop();
    },
  };
}
