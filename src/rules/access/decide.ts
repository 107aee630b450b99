import type { AccountId, PersonId } from '../ids.ts';
import type { Instant } from '../instant.ts';

/** What a location is in an emergency; null: as ever. */
export type Mode =
  | { kind: 'lockdown'; people: readonly PersonId[]; accounts: readonly AccountId[] }
  | { kind: 'open-all' };

export type Place = {
  kind: 'door' | 'lock';
  /** A lock that no door has is ACTIVE. */
  status: 'ACTIVE' | 'PASSAGE' | 'MAINTENANCE';
  mode: Mode | null;
};

export type CredentialKind = 'staff' | 'pass' | 'pin' | 'link' | 'card' | 'barcode' | 'partner';

/** What is presented, and what is known of it. */
export type Credential = {
  kind: CredentialKind;
  accountId: AccountId | null;
  personId: PersonId | null;
  /** `unknown`: nobody was given it. */
  state: 'active' | 'suspended' | 'ended' | 'unknown';
  /** It is for this place. */
  fits: boolean;
  /** Half-open; null: without that end. What cannot be read as an instant never passes. */
  validFrom: Instant | null;
  validUntil: Instant | null;
  /** null: as often as one likes. */
  usesLeft: number | null;
};

export type AccessFacts = { place: Place; credential: Credential };

export type Granted = 'valid' | 'open-all';
export type Denied =
  | 'unknown-credential'
  | 'wrong-place'
  | 'lockdown'
  | 'suspended'
  | 'ended'
  | 'unreadable-dates'
  | 'not-yet-valid'
  | 'expired'
  | 'used-up'
  | 'maintenance';
export type ReasonCode = Granted | Denied;

export type Decision = { decision: 'granted'; reason: Granted } | { decision: 'denied'; reason: Denied };

/**
 * THE DECISION: may this credential open this place now? Whoever asks, in whichever way, gets one answer with one reason.
 * It fails closed: what is not plainly right is denied. Emergencies come before everything: an open place is open to
 * whatever was once given for it, a locked one is closed to all but those who are named.
 */
export function decide({ place, credential }: AccessFacts, now: Instant): Decision {
  const { state, fits, validFrom, validUntil, usesLeft, kind } = credential;
  if (state !== 'active' && state !== 'suspended' && state !== 'ended') return denied('unknown-credential');
  if (fits !== true) return denied('wrong-place');
  if (place.mode?.kind === 'open-all') return { decision: 'granted', reason: 'open-all' };
  if (place.mode !== null && !isNamed(place.mode, credential)) return denied('lockdown');
  if (state === 'suspended' || state === 'ended') return denied(state);
  if (![validFrom ?? now, validUntil ?? now, now].every(Number.isFinite)) return denied('unreadable-dates');
  if (validFrom !== null && now < validFrom) return denied('not-yet-valid');
  if (validUntil !== null && now >= validUntil) return denied('expired');
  if (usesLeft !== null && !(usesLeft > 0)) return denied('used-up');
  if (place.status === 'MAINTENANCE' && !entersInMaintenance(kind)) return denied('maintenance');
  return { decision: 'granted', reason: 'valid' };
}

const denied = (reason: Denied): Decision => ({ decision: 'denied', reason });

function isNamed(mode: Exclude<Mode, { kind: 'open-all' }>, { accountId, personId }: Credential): boolean {
  if (mode.kind !== 'lockdown') return false;
  return (
    (accountId !== null && mode.accounts.includes(accountId)) || (personId !== null && mode.people.includes(personId))
  );
}

/** Staff works there; a pass was paid for before, and nothing more is sold. */
const entersInMaintenance = (kind: CredentialKind): boolean => kind === 'staff' || kind === 'pass';
