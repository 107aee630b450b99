import { minutes } from '../../instant.ts';
import { delivered } from '../../money/delivered.ts';
import { advance } from '../advance.ts';
import { freshRun, type Session, type SessionEffect, type SessionEvent, type Step } from '../session.ts';

/** For tests: an instant to count seconds from. */
export const origin = 1_700_000_000_000;
export const instant = (second: number): number => origin + second * 1000;

export function waitingForMoney(
  plan: { minutes?: number; delayMinutes?: number; superseded?: boolean; finish?: Session['finish'] } = {},
): Session {
  return {
    phase: 'awaiting-payment',
    durationMs: minutes(plan.minutes ?? 10),
    delayMs: minutes(plan.delayMinutes ?? 0),
    finish: plan.finish ?? null,
    superseded: plan.superseded ?? false,
    paidAt: null,
    startsAt: null,
    startedAt: null,
    endsAt: null,
    endedAt: null,
    failureReason: null,
    run: freshRun,
  };
}

/** `autoOffSecond`: when its own timer ends; the end of the run unless said otherwise, null for none. */
type Shown = { autoOffSecond?: number | null; watts?: number };

/**
 * For tests: a run told event by event, each with the second at which it happens. Ten minutes for 600 cents unless said
 * otherwise, so that a second costs a cent.
 */
export function tell(session: Session = waitingForMoney()) {
  let told: Step = { session, effects: [], wakeAt: null };
  const effects: SessionEffect[] = [];

  function event(second: number, happened: SessionEvent): SessionEffect[] {
    told = advance(told.session, happened, instant(second));
    effects.push(...told.effects);
    return told.effects;
  }

  function relay(second: number, on: boolean, shown: Shown): SessionEffect[] {
    const { autoOffSecond, watts } = shown;
    const byDefault = on ? told.session.endsAt : null;
    return event(second, {
      kind: 'reading',
      reading: {
        kind: 'relay',
        on,
        autoOffAt: autoOffSecond === undefined ? byDefault : autoOffSecond === null ? null : instant(autoOffSecond),
        powerWatts: watts ?? null,
        at: instant(second),
      },
    });
  }

  type Command = 'switch-on' | 'switch-off';
  const ended = (second: number, command: Command, certainlyNotDone: boolean, unreachable: boolean | null) =>
    event(second, { kind: 'command-ended', command, certainlyNotDone, unreachable });

  return {
    event,
    effects,
    get session() {
      return told.session;
    },
    /** Seconds from the origin. */
    get wakesAt() {
      return told.wakeAt === null ? null : (told.wakeAt - origin) / 1000;
    },
    paid: (second = 0, deviceFree = true) => event(second, { kind: 'paid', deviceFree }),
    tick: (second: number) => event(second, { kind: 'tick' }),
    seenOn: (second: number, shown: Shown = {}) => relay(second, true, shown),
    seenOff: (second: number, shown: Shown = {}) => relay(second, false, shown),
    silent: (second: number) =>
      event(second, { kind: 'reading', reading: { kind: 'unreachable', at: instant(second) } }),
    /** It answered, and did not do it. */
    refused: (second: number, command: Command) => ended(second, command, true, false),
    /** Nobody was there to take it. */
    notReached: (second: number, command: Command) => ended(second, command, true, true),
    /** Held back by ourselves: nobody was asked. */
    notSent: (second: number, command: Command) => ended(second, command, true, null),
    /** Sent, heard nothing. */
    unheard: (second: number, command: Command) => ended(second, command, false, false),
    staffEnds: (second: number, refund = true) => event(second, { kind: 'ended-by-staff', refund }),
    staffFails: (second: number) => event(second, { kind: 'failed-by-staff', reason: 'broken drum' }),
    extended: (second: number, bySeconds: number) => event(second, { kind: 'extended', byMs: bySeconds * 1000 }),
    extensionReversed: (second: number, bySeconds: number) =>
      event(second, { kind: 'extension-reversed', byMs: bySeconds * 1000 }),
    reversed: (second: number) => event(second, { kind: 'reversed' }),
    paymentFails: (second: number) => event(second, { kind: 'payment-failed' }),
    /** What of 600 cents was earned; all of it goes back where the run never had an ending. */
    earned(): number {
      const { run, durationMs } = told.session;
      return delivered(600, durationMs, run.onMs, run.ending?.delivered ?? 'nothing');
    },
    count: (kind: SessionEffect['kind']) => effects.filter((effect) => effect.kind === kind).length,
  };
}

export type Story = ReturnType<typeof tell>;

/** A run of ten minutes whose relay was seen on at second 0; its own timer ends at 600. */
export function running(plan: Parameters<typeof waitingForMoney>[0] = {}): Story {
  const story = tell(waitingForMoney(plan));
  story.paid(0);
  story.tick(0);
  story.seenOn(0, { autoOffSecond: (plan.minutes ?? 10) * 60 });
  return story;
}

/** Read every ten seconds, and seen on each time, after `from` up to and including `to`. */
export function seenOnUntil(story: Story, from: number, to: number, watts?: number): void {
  for (let second = from + 10; second <= to; second += 10) {
    story.tick(second);
    story.seenOn(second, watts === undefined ? {} : { watts });
  }
}
