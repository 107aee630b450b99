/** What the calls of this cloud have in common. */
import type { SimulatorClock } from '../clock.ts';
import type { Doing, TroubleKind } from '../trouble.ts';
import type { Accounts, Answer } from './account.ts';
import type { Cloud } from './cloud.ts';
import { refusal } from './errors.ts';
import type { Claims } from './jwt.ts';
import type { Lock } from './lock.ts';
import type { Pins } from './pins.ts';
import type { Radio } from './radio.ts';
import type { Subscribers } from './subscribers.ts';

export type Context = {
  accounts: Accounts;
  cloud: Cloud;
  radio: Radio;
  pins: Pins;
  subscribers: Subscribers;
  clock: SimulatorClock;
};
export type Call = {
  parts: string[]; // what stood in the brackets of the path
  query: URLSearchParams;
  body: Record<string, unknown>;
  version: string; // Accept-Version
  claims: Claims;
  token: string | undefined;
  trouble: TroubleKind | null;
};
export type Route = {
  method: string;
  path: RegExp;
  does: Doing;
  /** `key`: it takes no token, or one that is not worth anything yet. */
  needs: 'key' | 'user' | 'nothing';
  run(call: Call, context: Context): Answer | Promise<Answer>;
};

export function lockOf({ cloud }: Context, { parts: [lockId = ''], trouble }: Call): Lock {
  const lock = /^[\dA-F]{32}$/.test(lockId) && trouble !== 'another-device' ? cloud.locks.get(lockId) : undefined;
  if (lock === undefined) throw refusal('ResourceNotFound', `Lock ${lockId} does not exist`);
  lock.settle();
  return lock;
}

export function ownedLockOf(context: Context, call: Call): Lock {
  const lock = lockOf(context, call);
  if (lock.data.role !== 'superuser') throw refusal('Forbidden', 'Only owners may do this');
  return lock;
}

export const iso = (at: number): string => new Date(at).toISOString();
