import { hours, type Instant, minutes } from '../instant.ts';
import type { Availability } from '../sessions/availability.ts';

/** The guest's wish to hear by mail, once, when a machine is free. It reserves nothing. */
export const limits = {
  /** Wishes that wait at one machine. */
  waitingAtMachine: 50,
  /** Wishes of one browser that wait, at all machines. */
  waitingOfGuest: 5,
  /** New wishes from one network address in an hour: a laundry's guests may share one. */
  newOfAddressAnHour: 30,
  /** Mails to one e-mail address in a day, whoever asked for them. */
  mailsADay: 6,
} as const;

const lasts = hours(12);

/** A reader who refuses such mails is left alone so long. */
export const refusalLasts = hours(24 * 30);

/** Who was told first has so long to come before the next in line is told of the same machine. */
export const headStart = minutes(10);

/** Until closing, and half a day at most. */
export const wishEnds = (now: Instant, closesAt: Instant | null): Instant =>
  Math.min(now + lasts, closesAt ?? now + lasts);

export type Sale = {
  open: boolean;
  availability: Availability;
  inUse: boolean;
  /** Kept for a guest who is paying: another one than who asks. */
  held: boolean;
  /** There is a program that may begin now, and a way to pay for it. */
  sells: boolean;
};

/** Whether it could be bought this moment; `busy` is what is worth waiting for. */
export type SaleState = 'free' | 'busy' | 'closed' | 'maintenance' | 'not-for-sale';

export function saleState({ open, availability, inUse, held, sells }: Sale): SaleState {
  if (availability === 'maintenance') return 'maintenance';
  if (!open) return 'closed';
  if (!sells) return 'not-for-sale';
  return inUse || held || availability !== 'ready' ? 'busy' : 'free';
}

/** Whether somebody may be told of a free machine: nobody was, somebody used it since, or who was told did not come. */
export function mayTell(told: { at: Instant; usedSince: boolean } | null, now: Instant): boolean {
  return told === null || told.usedSince || now - told.at >= headStart;
}

/** Machines are alike when they sell programs of the same names, whatever these cost; without programs none is. */
export function programsKey(names: readonly string[]): string | null {
  const known = new Set(names.map((name) => name.trim().toLowerCase()));
  return known.size === 0 ? null : JSON.stringify([...known].sort());
}
