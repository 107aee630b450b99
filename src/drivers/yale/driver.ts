import { assertNever } from '../../rules/assert-never.ts';
import type { LockCommand, LockDriver, LockObservation, LockOutcome, LockRef } from '../lock-port.ts';
import { noRelays } from '../no-relays.ts';
import type { Driver, LookFor } from '../port.ts';
import { type Ask, lockId, refusedAs } from './ask.ts';
import { turnBolt } from './bolt.ts';
import { createYaleClient, type YaleClientOptions } from './client.ts';
import { createDetails } from './details.ts';
import { listLocks } from './locks.ts';
import { look } from './look.ts';
import { changePin, clearPin, setPin } from './pin-commands.ts';
import { listCodes } from './pins.ts';
import { listRecords } from './records.ts';
import { createSignInTalk } from './sign-in-talk.ts';

/**
 * Yale and August locks through the cloud of their maker. A command is sent once; what the cloud takes is not yet on the
 * lock, and is looked for. It must never call undone what may have been done.
 */
export function createYaleDriver(o: YaleClientOptions & { random: (count: number) => Buffer }): Driver {
  const client = createYaleClient(o);
  const details = createDetails(client);
  const { clock } = o;

  const locks: LockDriver = {
    list: (signal) => listLocks(client, details, signal),
    perform: async (ref, command, signal) => {
      const id = lockId(ref);
      if (id === null) return unknownLock(ref);
      return carryOut({ client, lockId: id, signal }, command);
    },
    observe: async (ref, signal, lookFor: LookFor = 'people'): Promise<LockObservation> => {
      const id = lockId(ref);
      if (id !== null) return look({ client, lockId: id, signal }, { lookFor, clock });
      const { reason, detail: why } = unknownLock(ref);
      return { kind: 'unreachable', reason, why, bridgeOnline: null, at: clock.now() };
    },
    codes: (ref, signal) => listCodes(client, ref, signal),
    records: (ref, since, signal) => listRecords(client, ref, { since, signal, details }),
  };
  return { ...noRelays(locks, clock), signIn: createSignInTalk({ client, clock }) };

  async function carryOut(ask: Ask, command: LockCommand): Promise<LockOutcome> {
    switch (command.kind) {
      case 'unlock':
      case 'lock':
        return turnBolt(ask, command.kind, clock);
      case 'set-pin':
        return setPin(ask, command, o);
      case 'change-pin':
        return changePin(ask, command, o);
      case 'clear-pin':
        return clearPin(ask, command, o);
      case 'issue-code':
      case 'issue-qr':
      case 'revoke-qr':
      case 'passage':
        return refusedAs('unsupported', 'Yale: the cloud knows nothing of the kind');
      default:
        return assertNever(command);
    }
  }
}

const unknownLock = ({ hardwareId }: LockRef) => refusedAs('not-found', `Yale has no lock ${hardwareId.slice(0, 40)}`);
