import type { Actor } from '../../rules/accounts/actor.ts';
import type { ApiClientId, PassId, PersonId } from '../../rules/ids.ts';
import type { ScheduleInput } from './pin-schedule-input.ts';

export type PinInput = ScheduleInput & {
  /** null or left out: digits are chosen here. */
  pin?: string | null;
  label?: string | null;
  /** Number or UUID. */
  personId?: number | string | null;
};

/** Somebody, through a program of a partner. */
export type PinHolder = { personId: PersonId; apiClientId: ApiClientId };

/** Who asks, and by which API. `partner`: by a program, which counts slots. `master`: a code of the lock itself. */
export type PinAsker = {
  api: string;
  actor: Actor | null;
  passId?: PassId;
  partner?: PinHolder & { master?: true };
};

/** Of a code that no program asked for. */
export const withoutPartner = {
  slot: null,
  is_master: false,
  asked_by: null,
  api_client_id: null,
} as const;
