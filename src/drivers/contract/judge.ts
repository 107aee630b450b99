import type { Outcome } from '../port.ts';
import { type FaultClass, faultFacts } from './faults.ts';
import type { Operation, Result } from './operations.ts';
import { shows } from './results.ts';
import type { RelayTruth, Rig, Where } from './rig.ts';

/** One call and the truth around it. */
export type Evidence = {
  operation: Operation;
  fault: FaultClass;
  where: Where;
  result: Result;
  /** Whether it came back once its time was over. */
  gaveUpInTime: boolean;
  before: RelayTruth;
  /** When the call came back; and when the vendor had done all it would still do of it. */
  atReturn: RelayTruth;
  afterwards: RelayTruth;
  requests: { all: number; switching: number };
  rig: Pick<Rig, 'ref' | 'proof' | 'timers' | 'most' | 'secrets'>;
};

/** Which promises of the port were broken, in sentences; none: the cell is good. */
export function judge(e: Evidence): string[] {
  const broken = [...always(e)];
  if (e.result.kind === 'ended') broken.push(...judgeOutcome(e, e.result.outcome));
  if (e.result.kind === 'observed') broken.push(...judgeObservation(e));
  if (e.operation.name === 'list') broken.push(...judgeList(e));
  return broken;
}

function* always(e: Evidence): Generator<string> {
  const { result, rig, requests, operation } = e;
  if (!e.gaveUpInTime) yield 'did not give up when its time was over';
  if (result.kind === 'threw') yield `threw ${String(result.error)}`;
  if (result.kind === 'vendor-fault' && operation.name !== 'list') yield 'threw a VendorFault, which only list may';
  if (shows(result, rig.secrets)) yield 'shows a secret in what it says';
  const most = operation.costs === null ? 0 : rig.most[operation.costs];
  if (requests.all > most) yield `asked ${requests.all} times where ${most} are enough: it retries`;
  const mostSwitching = operation.command === null ? 0 : rig.most.switching;
  if (requests.switching > mostSwitching) yield `asked to switch ${requests.switching} times`;
  if (e.fault === 'given-up-before' && requests.all > 0) yield 'asked although it was given up before it began';
  if (e.afterwards.bareOns > 0) yield 'told the relay to go on without its own timer';
}

function* judgeOutcome(e: Evidence, outcome: Outcome): Generator<string> {
  const facts = faultFacts[e.fault];
  const { command } = e.operation;
  const on = command?.kind === 'switch-on';
  if (on && !e.rig.timers) return yield* judgeNever(e, outcome);
  const done = e.afterwards.carriedOut > e.before.carriedOut;
  if (outcome.kind === 'refused' && done) yield `said refused (${outcome.detail}), but it was done`;
  if (outcome.kind === 'accepted' && facts.saysYes !== true) yield 'said accepted, although the vendor never said yes';
  if (outcome.kind === 'confirmed') yield* judgeConfirmed(e, outcome, on);
  if (e.fault === 'none' || e.fault === 'done-twice') {
    const right = outcome.kind === 'confirmed' || (e.rig.proof === 'later' && outcome.kind === 'accepted');
    if (!right) yield `said ${outcome.kind} of a command that was taken and done`;
  }
  yield* judgeMust(e, outcome);
}

/** Without a timer it is never sent, whatever else is wrong. */
function* judgeNever(e: Evidence, outcome: Outcome): Generator<string> {
  if (e.requests.switching > 0) yield 'was asked to switch on without its own timer';
  if (outcome.kind !== 'refused') yield `said ${outcome.kind} of a switch-on that this way cannot carry`;
  else if (e.fault === 'none' && outcome.reason !== 'unsupported') yield `refused as ${outcome.reason}`;
}

function* judgeConfirmed(
  e: Evidence,
  outcome: Extract<Outcome, { kind: 'confirmed' }>,
  on: boolean,
): Generator<string> {
  const seen = outcome.observation;
  if (seen.kind !== 'relay') {
    yield 'said confirmed without having seen the relay';
    return;
  }
  if (seen.on !== on) yield 'said confirmed, but what it saw is the contrary';
  if (e.atReturn.on !== on) yield `said confirmed, but the relay is ${e.atReturn.on ? 'on' : 'off'}`;
  if (!on) return;
  const wished = e.operation.command?.kind === 'switch-on' ? e.operation.command.autoOffSeconds : 0;
  if (e.atReturn.timerSeconds !== wished) yield `said confirmed, but its timer is ${e.atReturn.timerSeconds}`;
  if (seen.autoOffAt === null) yield 'said confirmed, but saw no timer';
}

function* judgeMust(e: Evidence, outcome: Outcome): Generator<string> {
  const must = faultFacts[e.fault].must;
  if (must === undefined) return;
  if (must.outcome !== undefined && outcome.kind !== must.outcome) yield `said ${outcome.kind}, not ${must.outcome}`;
  if (outcome.kind !== 'refused') return;
  if (must.reason !== undefined && outcome.reason !== must.reason)
    yield `refused as ${outcome.reason}, not ${must.reason}`;
  if (outcome.retryAfterSeconds !== must.retryAfterSeconds) {
    yield `asks to wait ${outcome.retryAfterSeconds} s, the vendor ${must.retryAfterSeconds}`;
  }
}

function* judgeObservation(e: Evidence): Generator<string> {
  if (e.result.kind !== 'observed') return;
  const { observation: seen } = e.result;
  const facts = faultFacts[e.fault];
  if (seen.kind === 'relay') {
    if (e.fault === 'another-device') yield 'took what another device shows for the relay';
    if (e.fault === 'given-up-before') yield 'saw something without asking';
    if (seen.on !== e.atReturn.on) yield `saw the relay ${seen.on ? 'on' : 'off'}, which it is not`;
    const timer = e.rig.timers && e.atReturn.on && e.atReturn.timerSeconds !== null;
    if ((seen.autoOffAt !== null) !== timer) yield timer ? 'did not see its timer' : 'saw a timer that is none';
    return;
  }
  if (facts.looksWork === true) yield `could not look (${seen.why}), though nothing was in its way`;
  const { reason, retryAfterSeconds } = facts.must ?? {};
  if (reason !== undefined && (seen.reason ?? 'unreachable') !== reason) yield `blames ${seen.reason}, not ${reason}`;
  if (seen.retryAfterSeconds !== retryAfterSeconds) yield `asks to wait ${seen.retryAfterSeconds} s`;
}

function* judgeList(e: Evidence): Generator<string> {
  const { result, rig } = e;
  const facts = faultFacts[e.fault];
  if (result.kind === 'vendor-fault') {
    if (facts.looksWork === true) yield `could not list (${result.fault.message}), though nothing was in its way`;
    const { reason, retryAfterSeconds } = facts.must ?? {};
    if (reason !== undefined && result.fault.reason !== reason) yield `blames ${result.fault.reason}, not ${reason}`;
    if (result.fault.facts.retryAfterSeconds !== retryAfterSeconds) {
      yield `asks to wait ${result.fault.facts.retryAfterSeconds} s`;
    }
    return;
  }
  if (result.kind !== 'listed') return;
  const ours = result.hardware.find(
    ({ ref }) => ref.hardwareId === rig.ref.hardwareId && ref.channel === rig.ref.channel,
  );
  if (facts.looksWork === true && ours?.online !== true) yield 'does not list the relay as online';
  if (facts.looksWork !== true && ours?.online === true) yield 'lists as online what did not answer';
  const blamed = ours?.trouble?.reason;
  const { reason } = facts.must ?? {};
  if (reason !== undefined && blamed !== undefined && blamed !== reason) yield `blames ${blamed}, not ${reason}`;
}
