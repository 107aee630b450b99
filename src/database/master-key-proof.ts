import type { Database } from './open.ts';

type Box = { seal(purpose: string, text: string): Buffer; open(purpose: string, sealed: Buffer): string };

/**
 * Proves at the start that the master key is the one under which this database's secrets were sealed: on the first start
 * a known text is sealed and kept, on every later one it is opened. Throws one sentence when it cannot be.
 */
export async function proveMasterKey(database: Database, box: Box): Promise<void> {
  const text = 'keystead';
  await database.transaction('master-key-proof', async (tx) => {
    await tx
      .insertInto('server_facts')
      .values({ key: 'master-key-proof', value: JSON.stringify(box.seal('master-key-proof', text).toString('base64')) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const row = await tx
      .selectFrom('server_facts')
      .select('value')
      .where('key', '=', 'master-key-proof')
      .executeTakeFirstOrThrow();
    const opened = readable(box, Buffer.from(String(row.value), 'base64'));
    if (opened === text) return;
    throw new Error(
      'MASTER_KEY is not the one under which the secrets in this database were sealed; give the old one.',
    );
  });
}

function readable(box: Box, sealed: Buffer): string | null {
  try {
    return box.open('master-key-proof', sealed);
  } catch {
    return null;
  }
}
