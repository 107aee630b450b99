import { createHmac } from 'node:crypto';
import type { Clock } from '../../host/clock.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import type { LockObservation, LockRecord, LockRef, LockTold } from '../lock-port.ts';
import type { TtlockClient } from './client.ts';
import { lockIdOrFault } from './lock-id.ts';
import { allPages } from './pages.ts';
import { PushedRecords, parsed, parseJson, percent, Record } from './wire.ts';

const pageSize = 100;

/** The lock's book since then, oldest first; throws VendorFault. The lock's clock may go ahead of ours. */
export async function listRecords(
  client: TtlockClient,
  ref: LockRef,
  o: { since: Instant; signal: AbortSignal; clock: Clock; key: string },
): Promise<LockRecord[]> {
  const fields = { lockId: lockIdOrFault(ref), startDate: o.since, endDate: o.clock.now() + hours(24) };
  const found = await allPages(client, { path: '/v3/lockRecord/list', fields, pageSize, of: Record }, o.signal);
  return inOrder(found.map((record) => recordOf(record, o.key)));
}

/**
 * What the platform posts when a lock was used: a form with the records as JSON. Nobody signs it, so it tells where to
 * look. null: it is no such form.
 */
export function readPush(body: string, key: string): LockTold[] | null {
  const form = new URLSearchParams(body);
  const hardwareId = form.get('lockId') ?? '';
  const records = parsed(PushedRecords, parseJson(form.get('records') ?? ''));
  if (!/^[1-9]\d{0,14}$/.test(hardwareId) || form.get('notifyType') !== '1' || records === null) return null;
  const told = inOrder(records.map((record) => recordOf(record, key)));
  return [{ ref: { hardwareId }, records: told, observation: lastSeen(told) }];
}

/** The bolt after the last record that moved it. */
function lastSeen(records: readonly LockRecord[]): LockObservation | null {
  const last = records.findLast(({ did }) => did === 'unlocked' || did === 'locked');
  if (last === undefined) return null;
  const bolt = last.did === 'unlocked' ? 'unlocked' : 'locked';
  return { kind: 'lock', bolt, door: null, battery: last.battery, bridgeOnline: true, at: last.at };
}

function recordOf(record: Record, key: string): LockRecord {
  const pin = record.keyboardPwd ?? '';
  const isCode = [4, 34].includes(record.recordType);
  const { by, did } = sortOf(record);
  const isQr = by === 'qr' && pin !== '';
  return {
    id: idOf(record, key),
    at: record.lockDate,
    by,
    did,
    pin: isCode && pin !== '' ? pin : null,
    ...(isQr ? { qr: pin } : {}),
    who: record.username ?? null,
    battery: percent(record.electricQuantity),
  };
}

/** The same in a list and in what was pushed, where records have no number; under a key, as digits go into it. */
function idOf(record: Record, key: string): string {
  const { lockDate, recordType, recordTypeFromLock = null, success, username = null, keyboardPwd = null } = record;
  const all = JSON.stringify([lockDate, recordType, recordTypeFromLock, success, username, keyboardPwd]);
  return `${lockDate}-${createHmac('sha256', key).update(all).digest('hex').slice(0, 16)}`;
}

type Sort = Pick<LockRecord, 'by' | 'did'>;

/** By the number under which the platform lists it: https://euopen.ttlock.com/document/doc?urlName=cloud%2FlockRecord%2FlistEn.html */
function sortOf({ recordType, recordTypeFromLock, success }: Record): Sort {
  const sort = sorts[recordType] ?? { by: 'other', did: 'other' };
  const by = recordTypeFromLock === lockedByGateway ? 'remote' : sort.by;
  return success === 1 || sort.did === 'other' ? { by, did: sort.did } : { by, did: 'refused' };
}

const lockedByGateway = 26;
const unlocked = (by: Sort['by']): Sort => ({ by, did: 'unlocked' });
const locked = (by: Sort['by']): Sort => ({ by, did: 'locked' });
const sorts: Readonly<{ [type: number]: Sort }> = {
  1: unlocked('app'),
  4: unlocked('pin'),
  7: unlocked('card'),
  8: unlocked('fingerprint'),
  9: unlocked('card'), // a wristband
  10: unlocked('manual'), // with its mechanical key
  11: locked('app'),
  12: unlocked('remote'),
  30: { by: 'door', did: 'closed' },
  31: { by: 'door', did: 'opened' },
  32: unlocked('manual'), // from inside
  33: locked('fingerprint'),
  34: locked('pin'),
  35: locked('card'),
  36: locked('manual'),
  37: unlocked('remote'), // a remote control
  45: locked('auto-lock'),
  46: unlocked('manual'), // a button on the lock
  47: locked('manual'),
  55: unlocked('remote'),
  57: unlocked('qr'),
  58: { by: 'qr', did: 'refused' },
  61: locked('qr'),
  62: { by: 'qr', did: 'refused' },
  63: unlocked('other'), // free passage begins
  65: { by: 'other', did: 'refused' }, // the bolt did not come out of its place
  66: { by: 'other', did: 'refused' },
};

const inOrder = (records: LockRecord[]): LockRecord[] => records.toSorted((a, b) => a.at - b.at);
