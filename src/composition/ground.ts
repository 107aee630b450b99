import type pg from 'pg';
import { createHub } from '../apis/live/hub.ts';
import { proveMasterKey } from '../database/master-key-proof.ts';
import { openDatabase } from '../database/open.ts';
import { createLanes } from '../engine/lanes.ts';
import type { Clock } from '../host/clock.ts';
import type { Logger } from '../host/log.ts';
import { createRandom } from '../host/random.ts';
import { createSecretBox } from '../host/secret-box.ts';

type Given = { connection: pg.ClientConfig; masterKey: Buffer; publicUrl: string; clock: Clock; log: Logger };

/**
 * What everything stands on: the database, its announcements, lanes, clock, chance, secrets. It opens the database that
 * it is told of, and never starts or migrates one.
 */
export async function openGround({ connection, masterKey, publicUrl, clock, log }: Given) {
  const random = createRandom(clock);
  const box = createSecretBox(masterKey, random);
  const database = await openDatabase({ connection, clock, log });
  await proveMasterKey(database, box).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const hub = await createHub(database);
  const lanes = createLanes({ connection, clock, log });
  return { database, clock, random, box, log, lanes, hub, publicUrl } as const;
}

export type Ground = Awaited<ReturnType<typeof openGround>>;
