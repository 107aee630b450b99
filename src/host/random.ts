import { randomBytes, randomUUID } from 'node:crypto';
import { type IdKind, type IdOf, idPrefixes } from '../rules/ids.ts';
import type { Clock } from './clock.ts';

/** The only place that draws chance: ids, tokens, nonces. */
export type Random = {
  /** A new id, sortable by time of making: `dev_` + 10 characters of time + 16 of chance. */
  id<K extends IdKind>(kind: K): IdOf[K];
  /** An unguessable token for links: 192 bits, base64url, 32 characters. */
  token(): string;
  /** An unguessable public id for door and device addresses: 80 bits, 16 characters of [a-z0-9]. */
  uid(): string;
  /** A UUID of chance (version 4), for contracts that want one. */
  uuid(): string;
  bytes(count: number): Buffer;
  /** From 0 up to 1: for pauses that shall not all end at once. */
  chance(): number;
};

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's base 32: no i, l, o, u

export function createRandom(clock: Clock): Random {
  return {
    id: (kind) => `${idPrefixes[kind]}_${time(clock.now())}${chance(16)}` as IdOf[typeof kind],
    token: () => randomBytes(24).toString('base64url'),
    uid: () => chance(16),
    uuid: () => randomUUID(),
    bytes: (count) => randomBytes(count),
    chance: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  };
}

function time(now: number): string {
  let rest = now;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function chance(length: number): string {
  return [...randomBytes(length)].map((byte) => alphabet.charAt(byte % 32)).join('');
}
