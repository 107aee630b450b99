import { hours, type Instant, minutes } from '../instant.ts';

/** Over for less than this, the same notice is opened again: what flaps must not bury the list. */
const opensAgainWithin = minutes(15);
/** What counts as coming up again and again. */
const day = hours(24);
const mostRemembered = 100;

/** The latest notice of the same kind and subject, if there is one. */
export type Earlier = {
  raisedAt: Instant;
  clearedAt: Instant | null;
  dismissedAt: Instant | null;
  /** When it came up again. */
  cameBack: readonly Instant[];
};

export type Raising =
  /** It stands already, dismissed or not. */
  { kind: 'stands' } | { kind: 'opens-again'; cameBack: Instant[] } | { kind: 'new'; cameBack: Instant[] };

/** What raising a notice comes to. One that somebody dismissed is never opened again: what comes up after its end is news. */
export function raising(earlier: Earlier | null, now: Instant): Raising {
  if (earlier === null) return { kind: 'new', cameBack: [] };
  if (earlier.clearedAt === null) return { kind: 'stands' };
  const lately = earlier.raisedAt > now - day || earlier.cameBack.some((at) => at > now - day);
  const cameBack = [...withinADay(earlier.cameBack, now), ...(lately ? [now] : [])].slice(-mostRemembered);
  const again = earlier.dismissedAt === null && now - earlier.clearedAt < opensAgainWithin;
  return { kind: again ? 'opens-again' : 'new', cameBack };
}

/** How often it came up again within the last day; a hundred stands for many. */
export const repeated = (cameBack: readonly Instant[], now: Instant): number => withinADay(cameBack, now).length;

const withinADay = (instants: readonly Instant[], now: Instant): Instant[] => instants.filter((at) => at > now - day);
