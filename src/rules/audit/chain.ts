/**
 * The audit chain: each entry's hash covers the entry and the hash before it, so that nothing can be changed, taken out or
 * put in without every later hash being wrong. Personal fields are not hashed themselves but by a salted commitment: they
 * and their salts can be erased, and the chain still verifies. Pure; it must never read a database.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AccountId, OrganizationId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import { canonical, type Json } from './canonical.ts';

/** Field -> hex of its commitment. */
export type Commitments = Readonly<Record<string, string>>;

export type EntryContent = {
  organizationId: OrganizationId;
  /** 1, 2, 3 … within the organization. */
  number: number;
  at: Instant;
  category: string;
  action: string;
  accountId: AccountId | null;
  entity: string;
  entityId: string;
  details: Json;
  commitments: Commitments;
};

export type Entry = EntryContent & { previousHash: Buffer; hash: Buffer };

/** A personal field as it is kept beside its entry. */
export type PersonalField = { field: string; value: string; salt: Buffer };

export type ChainHead = { number: number; hash: Buffer };

/** What stands before the first entry. */
export const genesis: ChainHead = { number: 0, hash: Buffer.alloc(32) };

export type Fault = {
  number: number;
  /** missing: the number is not there. unlinked: it does not follow what stands before it. changed: its content is not
   * what was hashed. personal: a field beside it is not the one that was committed to. cut: entries at the end are gone. */
  kind: 'missing' | 'unlinked' | 'changed' | 'personal' | 'cut';
};

/** Commits to a field without telling it: whoever has value and salt can prove it, nobody can guess it from the hash. */
export function commitment({ field, value, salt }: PersonalField): string {
  return createHmac('sha256', salt)
    .update(canonical([field, value]))
    .digest('hex');
}

export function entryHash(entry: EntryContent, previousHash: Buffer): Buffer {
  const { organizationId, number, at, category, action, accountId, entity, entityId, details, commitments } = entry;
  const content = [organizationId, number, at, category, action, accountId, entity, entityId, details, commitments];
  return createHash('sha256')
    .update(canonical(['keystead-audit-1', ...content, previousHash.toString('hex')]))
    .digest();
}

/** Entries in the order of their numbers, right after `after`. The first fault, or where the chain now stands. */
export function verify(
  entries: Iterable<Entry & { personal?: readonly PersonalField[] }>,
  after: ChainHead = genesis,
): { fault: Fault } | { fault: null; head: ChainHead } {
  let head = after;
  for (const entry of entries) {
    const fault = faultOf(entry, head) ?? personalFault(entry);
    if (fault !== null) return { fault };
    head = { number: entry.number, hash: entry.hash };
  }
  return { fault: null, head };
}

/** Whether the chain ends where the organization's head says it does. */
export function verifyEnd(reached: ChainHead, head: ChainHead): Fault | null {
  if (reached.number < head.number) return { number: reached.number + 1, kind: 'cut' };
  return same(reached.hash, head.hash) ? null : { number: reached.number, kind: 'changed' };
}

function faultOf(entry: Entry, head: ChainHead): Fault | null {
  const number = head.number + 1;
  if (entry.number !== number) return { number, kind: 'missing' };
  if (!same(entry.previousHash, head.hash)) return { number, kind: 'unlinked' };
  return same(entry.hash, entryHash(entry, entry.previousHash)) ? null : { number, kind: 'changed' };
}

/** Erased fields are no fault; altered or added ones are. */
function personalFault(entry: Entry & { personal?: readonly PersonalField[] }): Fault | null {
  const honest = (entry.personal ?? []).every((field) => entry.commitments[field.field] === commitment(field));
  return honest ? null : { number: entry.number, kind: 'personal' };
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
