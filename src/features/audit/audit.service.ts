/**
 * Who changed what. An entry is written in the transaction of the change itself: neither is without the other. What names
 * a person goes into `personal`, never into `details`, which stay for ever.
 */
import type { Kysely } from 'kysely';
import type { Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { Json } from '../../rules/audit/canonical.ts';
import {
  commitment,
  entryHash,
  type Fault,
  genesis,
  type PersonalField,
  verify,
  verifyEnd,
} from '../../rules/audit/chain.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import { entriesAfter, insertEntry, lockHead, readHead } from './audit.store.ts';
import { type AuditedThing, type EntryOf, entriesAlong } from './audit-of-thing.store.ts';

export type AuditEntry = {
  organizationId: OrganizationId;
  /** What a reader filters by: authentication, devices, settings … */
  category: string;
  /** What was done, for people: `location created`. */
  action: string;
  /** null: nobody signed in, or the system itself. */
  actor: Actor | null;
  entity: string;
  entityId: string;
  /** Facts that name nobody; kept as JSON writes them. */
  details: Readonly<Record<string, unknown>>;
  /** Facts about people, which can be erased; null is not kept. The actor's own are added. */
  personal?: Record<string, string | null>;
};

export type Audit = {
  /** Holds the organization's chain until the transaction ends: call it last. */
  append(tx: Tx, entry: AuditEntry): Promise<{ number: number }>;
  /** What was done to one thing, newest first, with who did it where that is not erased. */
  along(db: Kysely<DB>, of: AuditedThing, stretch: Stretch): Promise<EntryOf[]>;
  /** Reads the whole chain; the first fault, or null. */
  verify(db: Kysely<DB>, organizationId: OrganizationId): Promise<Fault | null>;
};

export type { EntryOf } from './audit-of-thing.store.ts';

const pageSize = 1000;

export function createAudit(o: { clock: Clock; random: Random }): Audit {
  return {
    async append(tx, { organizationId, category, action, actor, entity, entityId, details, personal }) {
      const fields = salted({ ...ofActor(actor), ...personal }, o.random);
      const commitments = Object.fromEntries(fields.map((field) => [field.field, commitment(field)]));
      const head = await lockHead(tx, organizationId);
      const content = {
        organizationId,
        number: head.number + 1,
        at: o.clock.now(),
        category,
        action,
        accountId: actor?.accountId ?? null,
        entity,
        entityId,
        details: asJson(details),
        commitments,
      };
      const hash = entryHash(content, head.hash);
      await insertEntry(tx, { ...content, previousHash: head.hash, hash }, fields);
      return { number: content.number };
    },

    along: entriesAlong,

    async verify(db, organizationId) {
      const end = await readHead(db, organizationId); // before the entries: those made meanwhile lie behind it
      let head = genesis;
      while (head.number < end.number) {
        const entries = await entriesAfter(
          db,
          organizationId,
          head.number,
          Math.min(pageSize, end.number - head.number),
        );
        const result = verify(entries, head);
        if (result.fault !== null) return result.fault;
        head = result.head;
        if (entries.length === 0) break;
      }
      return verifyEnd(head, end);
    },
  };
}

const asJson = (details: Readonly<Record<string, unknown>>): Json => JSON.parse(JSON.stringify(details));

const ofActor = (actor: Actor | null): Record<string, string | null> =>
  actor === null ? {} : { username: actor.username, email: actor.email, ip: actor.ip };

function salted(personal: Record<string, string | null>, random: Random): PersonalField[] {
  return Object.entries(personal).flatMap(([field, value]) =>
    value === null ? [] : [{ field, value, salt: random.bytes(16) }],
  );
}
