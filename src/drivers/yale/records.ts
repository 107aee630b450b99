import type { Instant } from '../../rules/instant.ts';
import type { LockRecord, LockRef } from '../lock-port.ts';
import { VendorFault } from '../port.ts';
import { type Ask, faultOf, lockIdOrFault, send } from './ask.ts';
import type { YaleClient } from './client.ts';
import type { Details } from './details.ts';
import { nameOf, pinsOf } from './pins.ts';
import { type Event, Events, type Pin, parsed } from './wire.ts';

/** Of a house, newest first; most of the time a few are new. */
const pages = [100, 2500] as const;

/** What happened at the lock since then, oldest first. Throws VendorFault. */
export async function listRecords(
  client: YaleClient,
  ref: LockRef,
  o: { since: Instant; signal: AbortSignal; details: Details },
): Promise<LockRecord[]> {
  const ask: Ask = { client, lockId: lockIdOrFault(ref), signal: o.signal };
  const house = await o.details.houseOf(ask);
  if (typeof house !== 'string') throw faultOf(house);
  const events = (await eventsOf(ask, house, o.since)).filter(
    ({ deviceID, timestamp }) => deviceID === ask.lockId && timestamp >= o.since,
  );
  const pins = events.some(({ action }) => action.startsWith('pin_')) ? await pinsOf(ask) : [];
  if ('kind' in pins) throw faultOf(pins);
  return events.map((event) => recordOf(event, pins)).toSorted((a, b) => a.at - b.at);
}

async function eventsOf(ask: Ask, house: string, since: Instant): Promise<Event[]> {
  let events: Event[] = [];
  for (const limit of pages) {
    const path = `/houses/${encodeURIComponent(house)}/activities?limit=${limit}`;
    const answer = await send(ask, { method: 'GET', path, version: '4.0.0' });
    if (answer.kind !== 'answer') throw faultOf(answer);
    const told = parsed(Events, answer.value);
    if (told === null) throw new VendorFault('vendor', 'Yale: what happened at the lock cannot be understood');
    events = told.events;
    if (events.length < limit || events.some(({ timestamp }) => timestamp < since)) break;
  }
  return events;
}

/** The cloud tells whose code it was: its digits are known where it has not been changed since. */
function recordOf({ id, timestamp, action, user }: Event, pins: readonly Pin[]): LockRecord {
  const { by, did } = sortOf(action);
  const pin = by === 'pin' ? pins.find(({ userID }) => userID === user?.UserID) : undefined;
  const unchanged = pin !== undefined && Date.parse(pin.loadedDate ?? '') <= timestamp;
  return {
    id,
    at: timestamp,
    by,
    did,
    pin: unchanged ? pin.pin : null,
    who: nameOf({ firstName: user?.FirstName, lastName: user?.LastName }),
    battery: null,
  };
}

type Sort = Pick<LockRecord, 'by' | 'did'>;

function sortOf(action: string): Sort {
  const whole = others[action];
  if (whole !== undefined) return whole;
  const [, way = '', did = ''] = /^(?:(\w+)_)?(lock|unlock|unlatch|secure)$/.exec(action) ?? [];
  if (did === '') return { by: 'other', did: 'other' };
  return { by: ways[way] ?? 'other', did: did === 'lock' || did === 'secure' ? 'locked' : 'unlocked' };
}

const ways: Readonly<Record<string, Sort['by']>> = {
  '': 'app',
  remote: 'remote',
  pin: 'pin',
  manual: 'manual',
  ble: 'app',
  homekey: 'app',
  rf: 'card',
  finger: 'fingerprint',
  auto: 'auto-lock',
};
const others: Readonly<Record<string, Sort>> = {
  jammed: { by: 'other', did: 'refused' },
  onetouchlock: { by: 'manual', did: 'locked' },
  one_touch_lock: { by: 'manual', did: 'locked' },
  dooropen: { by: 'door', did: 'opened' },
  door_open: { by: 'door', did: 'opened' },
  doorclosed: { by: 'door', did: 'closed' },
  door_close: { by: 'door', did: 'closed' },
};
