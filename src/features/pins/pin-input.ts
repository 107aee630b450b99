import type { Actor } from '../../rules/accounts/actor.ts';
import type { PassId } from '../../rules/ids.ts';
import type { ScheduleInput } from './pin-schedule-input.ts';

export type PinInput = ScheduleInput & {
  /** null or left out: digits are chosen here. */
  pin?: string | null;
  label?: string | null;
  /** Number or UUID. */
  personId?: number | string | null;
};

/** Who asks, and by which API. */
export type PinAsker = { api: string; actor: Actor | null; passId?: PassId };
