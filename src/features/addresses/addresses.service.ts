import type { Kysely } from 'kysely';
import { enter, leave, lookUp } from '../../database/directory.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { Random } from '../../host/random.ts';
import { Problem } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { shortCodeFrom, shortCodeLength, shortCodeOf } from '../../rules/short-code.ts';
import { codesOf, insertCode, removeCode } from './short-codes.store.ts';

/** What stands behind a public address: `door:door_…`, `device:dev_…`. */
export type Target = `door:${string}` | `device:${string}`;
type Kind = 'door' | 'device';
type Thing = { organizationId: OrganizationId; target: Target };

/**
 * The public names of doors and devices: the uid in the picture on the door, and a short code for cameras that fail. They
 * live and die together: whoever gives a thing another uid gives it another code.
 */
export function createAddresses({ database, random }: { database: Database; random: Random }) {
  /** In the caller's transaction; the uid is made by whoever keeps it. */
  async function open(tx: Tx, uid: string, thing: Thing): Promise<void> {
    await enter(tx, 'uid', uid, thing);
    await giveCode(tx, thing);
  }

  /** From now on nothing is behind them. */
  async function close(tx: Tx, uid: string, thing: Thing): Promise<void> {
    await leave(tx, 'uid', uid);
    const code = (await codesOf(tx, thing.organizationId, [thing.target])).get(thing.target);
    if (code === undefined) return;
    await removeCode(tx, thing.organizationId, thing.target);
    await leave(tx, 'short-code', code);
  }

  /** Another uid, which the caller keeps, and another code: what hangs there leads nowhere from now on. */
  async function renew(tx: Tx, uid: string, thing: Thing): Promise<string> {
    const another = random.uid();
    await close(tx, uid, thing);
    await open(tx, another, thing);
    return another;
  }

  /** The door, or the device, that a uid stands for; null for anything else. */
  async function byUid(kind: Kind, uid: string): Promise<{ organizationId: OrganizationId; id: string } | null> {
    const found = await lookUp(database.read, 'uid', uid);
    if (found === null || !found.target.startsWith(`${kind}:`)) return null;
    return { organizationId: found.organizationId, id: found.target.slice(kind.length + 1) };
  }

  /** The short code, made where the thing is older than short codes are. */
  async function codeOf(thing: Thing): Promise<string> {
    const known = (await codes(thing.organizationId, [thing.target])).get(thing.target);
    if (known !== undefined) return known;
    return database.transaction('short-code-make', async (tx) => {
      await standInLine(tx, 'short-code', thing.organizationId, thing.target);
      const again = (await codesOf(tx, thing.organizationId, [thing.target])).get(thing.target);
      return again ?? (await giveCode(tx, thing));
    });
  }

  async function giveCode(tx: Tx, thing: Thing): Promise<string> {
    for (let tries = 0; tries < 20; tries++) {
      const code = shortCodeFrom(random.bytes(shortCodeLength));
      if (!(await enter(tx, 'short-code', code, thing))) continue;
      await insertCode(tx, thing.organizationId, thing.target, code);
      return code;
    }
    throw new Problem('UNAVAILABLE'); // a billion codes, and twenty of them taken
  }

  const codes = (
    organizationId: OrganizationId,
    targets: readonly Target[],
    db: Kysely<DB> = database.read,
  ): Promise<Map<string, string>> => codesOf(db, organizationId, targets);

  /** What a code that somebody typed stands for; null: nothing. */
  async function byCode(typed: string): Promise<Thing | null> {
    const code = shortCodeOf(typed);
    const found = code === null ? null : await lookUp(database.read, 'short-code', code);
    return found === null ? null : { organizationId: found.organizationId, target: found.target as Target };
  }

  return { open, close, renew, byUid, codeOf, codes, byCode };
}

export type AddressesService = ReturnType<typeof createAddresses>;
