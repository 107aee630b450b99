import { sql } from 'kysely';
import { silent } from '../../../src/database/log.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { systemClock } from '../../../src/host/clock.ts';

// `notes.ts CONNECTION`: writes three notes, each in a commit named `note`, and ends.
const connection: unknown = JSON.parse(process.argv[2] ?? '{}');
const database = await openDatabase({ connection: connection as object, clock: systemClock, log: silent });
for (const text of ['first', 'second', 'third']) {
  await database.transaction('note', (tx) => sql`insert into notes values (${text})`.execute(tx));
}
await database.close();
