import type { HardwareRef, RefusalReason } from '../port.ts';
import type { Identity, Reading, ShellyAddress, Trouble } from './address.ts';

export type Place =
  | { kind: 'found'; address: ShellyAddress }
  | { kind: 'missing'; reason: RefusalReason; detail: string };

/** The address where a device was last seen; after it moved, the old one may still remember it. */
export function lastSeen(addresses: ShellyAddress[], hardwareId: string): ShellyAddress | undefined {
  return addresses
    .filter((address) => address.hardwareId() === hardwareId)
    .sort((a, b) => b.seenAt() - a.seenAt())
    .at(0);
}

/**
 * Finds the address where a device is now, verified within the last seconds. Asks its known address first, then all
 * others at once. Nothing is switched here, so whatever goes wrong, surely nothing was done.
 */
export async function locate(addresses: ShellyAddress[], hardwareId: string, signal: AbortSignal): Promise<Place> {
  const known = lastSeen(addresses, hardwareId);
  if (known?.isFresh() === true) return { kind: 'found', address: known };
  const there = await known?.identify(signal);
  if (known !== undefined && isDevice(there, hardwareId)) return { kind: 'found', address: known };

  const others = addresses.filter((address) => address !== known);
  const answers: Identity[] = there === undefined ? [] : [there];
  const questions = others.map(async (address) => {
    const identity = await address.identify(signal);
    answers.push(identity);
    if (isDevice(identity, hardwareId)) return address;
    throw new Error('not this one');
  });
  // The first right answer ends the search; an address that stays silent does not hold it up.
  const found = await Promise.any(questions).catch(() => null);
  if (found !== null) return { kind: 'found', address: found };

  const silent = answers.find((answer) => answer.kind === 'trouble');
  if (silent?.kind === 'trouble') return { kind: 'missing', reason: silent.reason, detail: silent.detail };
  return { kind: 'missing', reason: 'not-found', detail: `No configured address is ${hardwareId}` };
}

/** Reads a device where it is now. The answer names its device, so a known address needs no question before. */
export async function readWhereItIs(
  addresses: ShellyAddress[],
  ref: HardwareRef,
  signal: AbortSignal,
): Promise<Exclude<Reading, { kind: 'other-device' }>> {
  const known = lastSeen(addresses, ref.hardwareId);
  const first = await known?.read(ref, signal);
  if (first !== undefined && first.kind !== 'other-device') return first;
  const place = await locate(addresses, ref.hardwareId, signal);
  if (place.kind === 'missing') return trouble(place.reason, place.detail);
  const second = await place.address.read(ref, signal);
  return second.kind === 'other-device' ? trouble('not-found', second.detail) : second;
}

const trouble = (reason: RefusalReason, detail: string): Trouble => ({ kind: 'trouble', reason, detail });

function isDevice(identity: Identity | undefined, hardwareId: string): boolean {
  return identity?.kind === 'device' && identity.info.id === hardwareId;
}
