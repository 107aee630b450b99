import type { CodeOnLock } from '../../drivers/lock-port.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { Instant } from '../../rules/instant.ts';
import { nowhere, type PinFacts, type SeenCode } from '../../rules/pins/pin.ts';
import type { PinRow } from './pins.store.ts';

/** Under which purposes digits are hashed and sealed: a hash of one lock finds nothing on another. */
export const createDigits = (box: SecretBox) => ({
  hash: (lockId: string, pin: string): Buffer => box.hash('pin', `${lockId} ${pin}`),
  seal: (pin: string): Buffer => box.seal('pin', pin),
  open: (sealed: Buffer): string => box.open('pin', sealed),
});
export type Digits = ReturnType<typeof createDigits>;

export const printOf = (hash: Buffer): string => hash.toString('hex');

/** What was read from a lock, and when that began. */
export type Read = { codes: readonly CodeOnLock[]; at: Instant };

/** A row as the rules take it. */
export const factsOf = (row: PinRow): PinFacts => ({
  id: row.id,
  print: printOf(row.pin_hash),
  mark: markOf(row),
  schedule: row.schedule,
  state: row.state,
  since: row.created_at,
  usedAt: row.used_at,
  placement: row.placement ?? nowhere,
  conflict: row.conflict,
  failures: row.failures,
  suspendedUntil: row.suspended_until,
});

export const seenCode = (
  digits: Digits,
  lockId: string,
  { reference, slot, pin, name, window }: CodeOnLock,
): SeenCode => ({
  reference,
  slot,
  print: pin === null ? null : printOf(digits.hash(lockId, pin)),
  name,
  window,
});

/** What it is called on the lock: for people who look there, and to be found again where its digits cannot be read. */
export const nameOnLock = (row: Pick<PinRow, 'id' | 'label'>): string =>
  `${(row.label ?? 'Keystead').slice(0, 24)}${markOf(row)}`;

/** What its name there ends with, whatever it is called here by then. */
export const markOf = ({ id }: Pick<PinRow, 'id'>): string => ` ${id.slice(-4)}`;
