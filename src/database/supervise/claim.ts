import pg from 'pg';

const ownerLock = 1_262_836_051; // "KEYS"

/**
 * `mine`: this process owns the server for as long as the connection lives. `taken`: another Keystead does. `starting`: it
 * is busy (recovering after a crash, or shutting down). `down`: nobody answers.
 */
export type Claim =
  | { kind: 'mine'; owner: pg.Client }
  | { kind: 'taken' }
  | { kind: 'starting' }
  | { kind: 'refused' | 'down'; reason: string };

/**
 * Asks for the owner's lock, which dies with the process that holds it: so a server in use is told from one left behind
 * without trusting any file.
 */
export async function claim(connection: pg.ClientConfig): Promise<Claim> {
  const owner = new pg.Client({ ...connection, database: 'postgres', application_name: 'keystead owner' });
  owner.on('error', () => undefined);
  try {
    await owner.connect();
    const { rows } = await owner.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [ownerLock]);
    if (rows[0]?.mine === true) return { kind: 'mine', owner };
    await owner.end();
    return { kind: 'taken' };
  } catch (error) {
    await owner.end().catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    if (!(error instanceof pg.DatabaseError)) return { kind: 'down', reason };
    return error.code === '57P03' ? { kind: 'starting' } : { kind: 'refused', reason };
  }
}
