import { type Instant, seconds } from '../../rules/instant.ts';
import type { Command, Outcome } from '../port.ts';
import type { Picture } from './cloud-relay.ts';
import { clockTolerance, judge, type SetAnswer, toObservation } from './judge.ts';

/**
 * What the cloud's picture of a device proves. Devices report to the cloud when something changes, so a picture may be
 * from before the command, and one that never changes may still be right.
 */
export type Sent = {
  command: Command;
  said: Exclude<SetAnswer, { kind: 'refused' }>;
  /** By our clock. */
  at: Instant;
  /** By the cloud's clock, or up to a second before: when it was sent, and when the answer had come. */
  cloudAt: { sent: Instant; answered: Instant } | null;
};

/** A device reports a change within a second or two: after this, what has not changed is as it was told. */
export const settleMilliseconds = seconds(6);
const wholeSecond = 1000;
/** How devices name the cloud as the one who switched them: of generation 2, and of generation 1. */
const ourWay = /^(shc|cloud)/i;

/** `new`: from after the command. `settled`: older, but long enough unchanged. `old`: no picture of what was done. */
export function ageOf(picture: Picture, sent: Sent | undefined, now: Instant): 'new' | 'settled' | 'old' {
  if (sent === undefined) return 'settled';
  const { updatedAt } = picture;
  if (updatedAt !== null && sent.cloudAt !== null && updatedAt >= floor(sent.cloudAt.sent)) return 'new';
  return now - sent.at >= settleMilliseconds || now < sent.at ? 'settled' : 'old';
}

/** Times are told in whole seconds: a picture that is `new` may still be of just before the command; this one is not. */
export function isSurelyLater(picture: Picture, sent: Sent): boolean {
  const { updatedAt } = picture;
  return updatedAt !== null && sent.cloudAt !== null && updatedAt >= sent.cloudAt.answered + wholeSecond;
}

/** The outcome as far as this picture proves it; null: look again. `shadow`: a switch-on of ours may be hidden by it. */
export function proofOf(sent: Sent, picture: Picture, age: 'new' | 'settled' | 'old', shadow: boolean): Outcome | null {
  const { command, said } = sent;
  const { relay, updatedAt } = picture;
  const shows = relay.on === (command.kind === 'switch-on');
  if (age === 'new') {
    // for a no the picture must surely be of later; for a yes that may be an older one, too
    const doubtful = !shows || (command.kind === 'switch-off' && shadow);
    return !doubtful || isSurelyLater(picture, sent) ? judge(command, said, relay, ourWay) : null;
  }
  if (command.kind === 'switch-on') {
    // A cloud that dates nothing: the device's own timer tells when the command came.
    const begun = relay.timer === null ? null : relay.timer.endsAt - relay.timer.seconds * 1000;
    const ours =
      updatedAt === null &&
      begun !== null &&
      Math.abs((relay.timer?.seconds ?? 0) - command.autoOffSeconds) < 1 &&
      Math.abs(begun - sent.at) <= clockTolerance;
    return shows && ours ? { kind: 'confirmed', observation: toObservation(relay) } : null;
  }
  // Off before and off now: there was nothing to report. Not so where we switched on and never saw it.
  const proved = age === 'settled' && shows && said.kind === 'taken' && !shadow;
  return proved ? { kind: 'confirmed', observation: toObservation(relay) } : null;
}

const floor = (at: Instant): Instant => Math.floor(at / wholeSecond) * wholeSecond;
