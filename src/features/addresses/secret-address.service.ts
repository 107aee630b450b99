import type { Kysely } from 'kysely';
import { enter, lookUp } from '../../database/directory.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { OrganizationId } from '../../rules/ids.ts';

type Deps = { database: Database; random: Random; box: SecretBox };
/** How the thing keeps it. */
type Kept = { token_hash: Buffer; token_sealed: Buffer };

/**
 * The secret address of a thing that a guest has bought: whoever knows the token sees its page. It is looked up by a keyed
 * hash, and sealed, so that it can be told again to whom it belongs.
 */
export function createSecretAddress<Id extends string>(
  kind: 'session-token' | 'pass-token',
  { database, random, box }: Deps,
) {
  const hashOf = (token: string): Buffer => box.hash(kind, token);

  function make(): { token: string; kept: Kept } {
    const token = random.token();
    return { token, kept: { token_hash: hashOf(token), token_sealed: box.seal(kind, token) } };
  }

  /** From the caller's commit on the thing is found by it. */
  async function open(tx: Tx, { token_hash: hash }: Kept, organizationId: OrganizationId, id: Id): Promise<void> {
    await enter(tx, kind, hash.toString('hex'), { organizationId, target: id });
  }

  /** Whose it is; null: nobody's. */
  async function find(
    token: string,
    db: Kysely<DB> = database.read,
  ): Promise<{ organizationId: OrganizationId; id: Id } | null> {
    const found = await lookUp(db, kind, hashOf(token).toString('hex'));
    return found === null ? null : { organizationId: found.organizationId, id: found.target as Id };
  }

  const tokenOf = ({ token_sealed }: Pick<Kept, 'token_sealed'>): string => box.open(kind, token_sealed);

  return { make, open, find, tokenOf };
}
