import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { movingClock } from '../support/moving-clock.ts';
import type { Ask } from '../support/schedules/left-undone.ts';
import { startKeystead } from './keystead-process.ts';
import { openMortalServer } from './mortal-server.ts';
import { type Machine, openPlace, type Place } from './place.ts';

/** A laundry of its own whose server is killed again and again at a commit that is named while it runs. */
export type KillPlace = {
  place: Place;
  database: Database;
  rows: Ask;
  /** One that nobody has used; null: there is none left. */
  nextMachine(): Machine | null;
  hasMachine(): boolean;
  /** Does it, and lets the server die at that point on the way. Answers how it ended; then the next server listens. */
  killedAt(point: string, act: () => Promise<unknown>): Promise<string>;
  close(): Promise<void>;
};

export async function openKillPlace(count: number): Promise<KillPlace> {
  const fresh = await freshDatabase();
  const clock = movingClock();
  const names = Array.from({ length: count }, (_, n) => `Machine ${n + 1}`);
  const place = await openPlace({ port: await freePort(), names, clock });
  place.simulators.stripe.holdWebhooks(true);
  place.environment.CRON_SECRET = 'cron-secret-of-the-test';
  const environment = {
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
  };
  const database = await openDatabase({ connection: fresh.connection, clock, log: silent, killPoints: null });
  const rows: Ask = async (sql, values) => (await database.pool.query(sql, values)).rows;
  const first = await startKeystead(environment);
  const machines = await place.furnish();
  await first.stop(); // an orderly end leaves what it compiled
  const server = await openMortalServer(environment);

  /** A command that the dead may have been sending is waited for by the next server: that time is over sooner. */
  async function leasesEnd(): Promise<void> {
    const [open] = await rows<{ until: number | null }>(
      'select max(lease_until) as until from commands where outcome is null',
      [],
    );
    const left = (open?.until ?? 0) - clock.now();
    if (left > 0) place.ahead(left);
  }

  return {
    place,
    database,
    rows,
    nextMachine: () => machines.shift() ?? null,
    hasMachine: () => machines.length > 0,
    async killedAt(point, act) {
      const end = await server.killedAt(point, act);
      await leasesEnd();
      return end;
    },
    async close() {
      await server.close();
      await place.close();
      await database.close();
      await fresh.drop();
    },
  };
}
