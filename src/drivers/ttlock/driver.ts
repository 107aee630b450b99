import { assertNever } from '../../rules/assert-never.ts';
import type { LockCommand, LockDriver, LockObservation, LockOutcome, LockRef } from '../lock-port.ts';
import { noRelays } from '../no-relays.ts';
import type { Driver, LookFor } from '../port.ts';
import type { Ask } from './ask.ts';
import { turnBolt } from './bolt.ts';
import { createTtlockClient, type TtlockClientOptions } from './client.ts';
import { changePin, clearPin, issueCode, setPin } from './code-commands.ts';
import { listCodes } from './codes.ts';
import { createDetails } from './details.ts';
import { lockId } from './lock-id.ts';
import { listLocks } from './locks.ts';
import { look } from './look.ts';
import { setPassage } from './passage.ts';
import { issueQr, revokeQr } from './qr.ts';
import { listRecords, readPush } from './records.ts';

/**
 * TTLock locks through the platform of their maker. A command is sent once. What the platform says was written is taken
 * for written, as nothing else tells; a bolt is looked at. It must never call undone what may have been done.
 */
export function createTtlockDriver(o: TtlockClientOptions): Driver {
  const client = createTtlockClient(o);
  const details = createDetails(client);
  const { clock } = o;
  /** Names records: what is pushed has no number, so a name is made of all that it says, digits among it. */
  const recordKey = o.credentials.clientSecret;

  const locks: LockDriver = {
    list: (signal) => listLocks(client, details, signal),
    perform: async (ref, command, signal) => {
      const id = lockId(ref);
      return id === null ? unknownLock(ref) : carryOut(id, command, signal);
    },
    observe: async (ref, signal, lookFor: LookFor = 'people'): Promise<LockObservation> => {
      const id = lockId(ref);
      if (id !== null) return look(client, id, { lookFor, signal, clock });
      const { reason, detail: why } = unknownLock(ref);
      return { kind: 'unreachable', reason, why, bridgeOnline: null, at: clock.now() };
    },
    codes: (ref, signal) => listCodes(client, ref, signal),
    records: (ref, since, signal) => listRecords(client, ref, { since, signal, clock, key: recordKey }),
    receive: (body) => readPush(body, recordKey),
  };
  return noRelays(locks, clock);

  async function carryOut(id: number, command: LockCommand, signal: AbortSignal): Promise<LockOutcome> {
    const ask: Ask = { client, lockId: id, signal };
    switch (command.kind) {
      case 'unlock':
      case 'lock':
        return turnBolt(ask, command.kind, clock);
      case 'set-pin':
        return setPin(ask, command, clock.now());
      case 'change-pin':
        return changePin(ask, command);
      case 'clear-pin':
        return clearPin(ask, command.reference);
      case 'issue-code':
        return issueCode(ask, command, details);
      case 'issue-qr':
        return issueQr(ask, command);
      case 'revoke-qr':
        return revokeQr(ask, command.reference);
      case 'passage':
        return setPassage(ask, command.schedule);
      default:
        return assertNever(command);
    }
  }
}

const unknownLock = ({ hardwareId }: LockRef): Extract<LockOutcome, { kind: 'refused' }> => ({
  kind: 'refused',
  reason: 'not-found',
  detail: `TTLock has no lock ${hardwareId.slice(0, 40)}`,
});
