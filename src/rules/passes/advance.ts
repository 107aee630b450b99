import { assertNever } from '../assert-never.ts';
import { type Instant, minutes, seconds } from '../instant.ts';
import { isPassOver, type Pass, type PassEffect, type PassEvent, type PassFailure, type PassStep } from './pass.ts';

export const passLimits = {
  /** From the payment until a way in has to be there. */
  issueWithin: minutes(2),
  /** Money that is heard of later than that after it was paid buys nothing. */
  heardWithin: minutes(15),
  /** What cannot be taken away is tried for so long after its time; then it has died by itself. */
  clearFor: minutes(24 * 60),
} as const;

/**
 * One event in, the pass as it is then and what to do now out. Pure, and safe to repeat: an event that no longer fits
 * changes nothing. Only a tick asks for acts at a vendor's. A way in is never asked for while an earlier one may be there
 * unheard of: it is looked for first.
 */
export function advance(pass: Pass, event: PassEvent, now: Instant): PassStep {
  const effects: PassEffect[] = [];
  const changed = event.kind === 'tick' ? due(inReach(pass, now), now) : take(pass, event, now);
  if (event.kind === 'tick') effects.push(...actsOf(changed, now));
  const over = isPassOver(changed.phase) && !isPassOver(pass.phase);
  // money for a pass that is over goes back as well
  if (over || (event.kind === 'paid' && isPassOver(changed.phase))) effects.push({ kind: 'settle' });
  return { pass: changed, effects, wakeAt: wakeAt(changed, now) };
}

/** A clock that was set back: nothing that is to be done lies further ahead than it can. */
function inReach(pass: Pass, now: Instant): Pass {
  const { issueUntil, nextTryAt } = pass;
  const tooFar = nextTryAt !== null && nextTryAt > now + longestPause(pass);
  return {
    ...pass,
    nextTryAt: tooFar ? null : nextTryAt,
    issueUntil:
      issueUntil !== null && pass.phase === 'issuing' ? Math.min(issueUntil, now + passLimits.issueWithin) : issueUntil,
  };
}

/** What time alone changes. */
function due(pass: Pass, now: Instant): Pass {
  const { phase, issueUntil, validUntil } = pass;
  if (phase === 'issuing' && issueUntil !== null && now >= issueUntil) return cancelled(pass, 'no_way_in');
  if (phase !== 'issued' || validUntil === null || now < validUntil) return pass;
  // nothing but a button, and it never worked: nothing was delivered
  const neverOpened = !pass.delivered && pass.failedOpens > 0;
  if (neverOpened) return cancelled(pass, 'never_opened');
  return { ...clearing(pass), phase: 'ended', delivered: true };
}

function actsOf(pass: Pass, now: Instant): PassEffect[] {
  if (pass.nextTryAt !== null && pass.nextTryAt > now) return [];
  if (pass.phase === 'issuing') return [{ kind: pass.unheard === null ? 'issue' : 'look' }];
  if (!isPassOver(pass.phase)) return [];
  if (pass.unheard !== null) return [{ kind: 'look' }];
  return pass.toClear ? [{ kind: 'clear' }] : [];
}

function take(pass: Pass, event: Exclude<PassEvent, { kind: 'tick' }>, now: Instant): Pass {
  switch (event.kind) {
    case 'paid':
      return paid(pass, event, now);
    case 'payment-failed':
    case 'superseded':
      return pass.phase === 'awaiting-payment' ? cancelled(pass, 'payment_not_completed') : pass;
    case 'reversed':
      return isPassOver(pass.phase) ? pass : cancelled(pass, 'payment_reversed');
    case 'asked':
      return pass.phase === 'issuing' && pass.unheard === null ? { ...pass, unheard: event.unheard } : pass;
    case 'way-issued':
      return issued(pass, event);
    case 'way-refused':
      return pass.unheard === null && pass.phase !== 'issuing' ? pass : again({ ...pass, unheard: null }, now);
    case 'none-found':
      return pass.unheard === null ? pass : { ...pass, unheard: null, nextTryAt: null };
    case 'cleared':
      return isPassOver(pass.phase) ? { ...pass, toClear: false, unheard: null, nextTryAt: null } : pass;
    case 'not-cleared':
      return givenUp(again(pass, now), now);
    case 'opened':
      return opened(pass, Math.min(event.at ?? now, now));
    case 'open-failed':
      return pass.phase === 'issued' ? { ...pass, failedOpens: pass.failedOpens + 1 } : pass;
    default:
      return assertNever(event);
  }
}

function paid(pass: Pass, { doorThere, paidAt }: PassEvent & { kind: 'paid' }, now: Instant): Pass {
  if (pass.phase !== 'awaiting-payment') return pass;
  const known = { ...pass, paidAt: now };
  if (!doorThere) return cancelled(known, 'door_unavailable');
  if (paidAt !== null && now - paidAt > passLimits.heardWithin) return cancelled(known, 'heard_too_late');
  return { ...known, phase: 'issuing', issueUntil: now + passLimits.issueWithin };
}

/**
 * A way in is there. Where the pass is over meanwhile it has to go again. A button alone has delivered nothing until the
 * door opened by it: whatever else there is works without us.
 */
function issued(pass: Pass, { way, window }: PassEvent & { kind: 'way-issued' }): Pass {
  const ways = [...new Set([...pass.ways, way])];
  const known = { ...pass, ways, unheard: null, nextTryAt: null };
  if (isPassOver(pass.phase)) return way === 'open-now' ? pass : { ...known, toClear: true };
  if (pass.phase === 'awaiting-payment') return pass;
  const delivered = pass.delivered || way !== 'open-now';
  if (pass.phase === 'issued') return { ...known, delivered };
  return { ...known, phase: 'issued', delivered, validFrom: window.from, validUntil: window.until, tries: 0 };
}

/** Whoever came in has what was bought; told of it after the end, it changes nothing but what is known. */
function opened(pass: Pass, at: Instant): Pass {
  const { phase } = pass;
  if (phase !== 'issued' && !isPassOver(phase)) return pass;
  const firstOpenedAt = Math.min(pass.firstOpenedAt ?? at, at);
  return { ...pass, firstOpenedAt, delivered: pass.delivered || phase === 'issued' };
}

const cancelled = (pass: Pass, failure: PassFailure): Pass => ({ ...clearing(pass), phase: 'cancelled', failure });

const clearing = (pass: Pass): Pass => ({
  ...pass,
  toClear: pass.ways.some((way) => way !== 'open-now'),
  tries: 0,
  nextTryAt: null,
});

const longestPause = (pass: Pass): number => (pass.phase === 'issuing' ? seconds(15) : minutes(30));

/** A moment later each time: 1, 2, 4, 8 … seconds, at most a quarter of a minute while a guest waits, else minutes. */
function again(pass: Pass, now: Instant): Pass {
  const pause = Math.min(longestPause(pass), seconds(1) * 2 ** Math.min(pass.tries, 12));
  return { ...pass, tries: pass.tries + 1, nextTryAt: now + pause };
}

/** What was on the lock for a time has died with it: nobody need go on about it for ever. */
function givenUp(pass: Pass, now: Instant): Pass {
  const end = pass.validUntil ?? pass.unheard?.window.until ?? pass.issueUntil ?? now;
  if (!isPassOver(pass.phase) || now < end + passLimits.clearFor) return pass;
  return { ...pass, toClear: false, unheard: null, nextTryAt: null };
}

function wakeAt(pass: Pass, now: Instant): Instant | null {
  switch (pass.phase) {
    case 'awaiting-payment':
      return null;
    case 'issuing':
      return Math.min(pass.nextTryAt ?? now, pass.issueUntil ?? now);
    case 'issued':
      return pass.validUntil;
    default:
      return pass.toClear || pass.unheard !== null ? (pass.nextTryAt ?? now) : null;
  }
}
