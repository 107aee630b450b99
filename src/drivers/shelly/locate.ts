import type { HardwareRef } from '../port.ts';
import type { ShellyAddress } from './address.ts';
import type { Identity } from './dialect.ts';
import type { Reading, Trouble } from './judge.ts';

/** A trouble: it is nowhere to be found, and surely nothing was done. */
export type Place = { kind: 'found'; address: ShellyAddress } | Trouble;

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
  if (silent?.kind === 'trouble') return silent;
  return { kind: 'trouble', reason: 'not-found', detail: `No configured address is ${hardwareId}` };
}

/** Reads a device where it is now. The answer names its device, so a known address needs no question before. */
export async function readWhereItIs(
  addresses: ShellyAddress[],
  ref: HardwareRef,
  signal: AbortSignal,
): Promise<Reading> {
  const known = lastSeen(addresses, ref.hardwareId);
  const first = await known?.read(ref, signal);
  if (first !== undefined && first.kind !== 'other-device') return first;
  const place = await locate(addresses, ref.hardwareId, signal);
  return place.kind === 'found' ? place.address.read(ref, signal) : place;
}

function isDevice(identity: Identity | undefined, hardwareId: string): boolean {
  return identity?.kind === 'device' && identity.info.id === hardwareId;
}
