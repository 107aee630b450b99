import type { CodeOnLock, LockRef } from '../lock-port.ts';
import { type Ask, faultOf, lockIdOrFault, send, strange } from './ask.ts';
import type { Lost, Trouble, YaleClient } from './client.ts';
import { windowOf } from './pin-access.ts';
import { type Pin, Pins, parsed } from './wire.ts';

/** `on`: the keypad knows it now; `off`: it does, and does not open by it. `coming`: it does not know it yet. */
export type ListedPin = Pin & { state: 'on' | 'off' | 'coming' | 'changing' | 'going' };

/** Before what a code of ours is called, in the place for a partner's user: one user has one code on a lock. */
export const ours = 'keystead-';
/** Stands for the family name, which the cloud wants. */
export const familyName = 'Keystead';

/** The name by which a code is asked for again: ours, or the user's whose it is. */
export const referenceOf = ({ partnerUserID, userID }: Pin): string =>
  partnerUserID?.startsWith(ours) === true ? partnerUserID : userID;

export async function pinsOf(ask: Ask): Promise<ListedPin[] | Trouble | Lost> {
  const answer = await send(ask, { method: 'GET', path: `/locks/${ask.lockId}/pins` });
  if (answer.kind !== 'answer') return answer;
  const lists = parsed(Pins, answer.value);
  if (lists === null) return strange('the codes');
  const listed = (pins: readonly Pin[] | undefined, state: ListedPin['state']): ListedPin[] =>
    (pins ?? []).map((pin) => ({ ...pin, state }));
  return [
    ...listed(lists.loaded, 'on'),
    ...listed(lists.disabling, 'on'),
    ...listed(lists.disabled, 'off'),
    ...listed(lists.enabling, 'off'),
    ...listed(lists.created, 'coming'),
    ...listed(lists.updating, 'changing'),
    ...listed(lists.deleting, 'going'),
  ];
}

/** What the keypad knows; what is only on its way to it is not among them. Throws VendorFault. */
export async function listCodes(client: YaleClient, ref: LockRef, signal: AbortSignal): Promise<CodeOnLock[]> {
  const pins = await pinsOf({ client, lockId: lockIdOrFault(ref), signal });
  if ('kind' in pins) throw faultOf(pins);
  return pins
    .filter(({ state }) => state !== 'coming')
    .map((pin) => ({
      reference: referenceOf(pin),
      slot: pin.slot ?? null,
      pin: pin.pin,
      name: nameOf(pin),
      window: pin.state === 'off' ? { from: 0, until: 0 } : windowOf(pin),
    }));
}

type Named = { firstName?: string | null | undefined; lastName?: string | null | undefined };
export function nameOf({ firstName, lastName }: Named): string | null {
  const name = [firstName ?? '', lastName === familyName ? '' : (lastName ?? '')].join(' ').trim();
  return name === '' ? null : name;
}
