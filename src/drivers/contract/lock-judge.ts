import type { LockCommand, LockOutcome } from '../lock-port.ts';
import { type FaultClass, faultFacts } from './faults.ts';
import type { LockOperation, LockResult } from './lock-operations.ts';
import { type LockRig, type LockTruth, type LockWhere, pins } from './lock-rig.ts';
import { shows } from './results.ts';

/** One call to a lock and the truth around it. */
export type LockEvidence = {
  operation: LockOperation;
  command: LockCommand | null;
  fault: FaultClass;
  where: LockWhere;
  result: LockResult;
  /** Whether it came back once its time was over. */
  gaveUpInTime: boolean;
  before: LockTruth;
  /** When the call came back; and when the vendor had done all it would still do of it. */
  atReturn: LockTruth;
  afterwards: LockTruth;
  requests: { all: number; acting: number };
  reference: string;
  rig: Pick<LockRig, 'ref' | 'most' | 'onlyTaken' | 'never' | 'secrets'>;
};

/** Which promises of the port were broken, in sentences; none: the cell is good. */
export function judgeLock(e: LockEvidence): string[] {
  const broken = [...always(e)];
  const { result } = e;
  if (result.kind === 'ended' && e.command !== null) broken.push(...judgeOutcome(e, e.command, result.outcome));
  if (result.kind === 'observed') broken.push(...judgeSight(e, result.observation));
  if (result.kind === 'listed') broken.push(...judgeList(e, result.locks));
  if (result.kind === 'told') broken.push(...judgeTold(e, result));
  if (result.kind === 'vendor-fault') broken.push(...judgeFault(e, result.fault));
  return broken;
}

function* always(e: LockEvidence): Generator<string> {
  const { result, rig, requests, operation } = e;
  if (!e.gaveUpInTime) yield 'did not give up when its time was over';
  if (result.kind === 'threw') yield `threw ${String(result.error)}`;
  if (result.kind === 'vendor-fault' && e.command !== null) yield 'threw a VendorFault, which no command may';
  if (shows(result, rig.secrets)) yield 'shows a secret in what it says';
  if (result.kind !== 'told' && shows(result, Object.values(pins))) yield 'shows a code in what it says';
  const most = rig.most[operation.costs];
  if (requests.all > most) yield `asked ${requests.all} times where ${most} are enough: it retries`;
  // a token that is worth nothing is renewed, and then the same is asked again: the first time nothing was done
  const mostActing = e.command === null ? 0 : e.fault === 'credentials-expired' ? 2 : 1;
  if (requests.acting > mostActing) yield `asked the lock to act ${requests.acting} times`;
  if (e.fault === 'given-up-before' && requests.all > 0) yield 'asked although it was given up before it began';
}

function* judgeOutcome(e: LockEvidence, { kind }: LockCommand, outcome: LockOutcome): Generator<string> {
  if (e.rig.never?.includes(kind) === true) return yield* judgeNever(e, outcome);
  const facts = faultFacts[e.fault];
  const done = e.afterwards.did[kind] > e.before.did[kind];
  const cut = e.fault === 'offline' && e.operation.radio;
  // no radio, no gateway: an offline one is no fault to it
  const saysYes = facts.saysYes === true || (e.fault === 'offline' && !e.operation.radio);
  if (outcome.kind === 'refused' && done) yield `said refused (${outcome.detail}), but it was done`;
  if (outcome.kind === 'accepted' && !saysYes) yield 'said accepted, although the vendor never said yes';
  if (outcome.kind === 'confirmed') {
    if (kind === 'unlock' || kind === 'lock') yield* judgeBolt(e, kind, outcome);
    else if (!done && !lies.has(e.fault)) yield 'said confirmed, but it was not done';
  }
  if (e.fault === 'none' || e.fault === 'done-twice') {
    const right = e.rig.onlyTaken.includes(kind) ? 'accepted' : 'confirmed';
    if (outcome.kind !== right) yield `said ${outcome.kind} of a command that was taken and done`;
    if (!done) yield 'said so of a command that was not done';
  }
  if (cut && (outcome.kind !== 'refused' || outcome.reason !== 'bridge-offline')) {
    yield `said ${outcome.kind} of a command that no gateway carried`;
  }
  yield* judgeMust(e, outcome);
}

function* judgeNever(e: LockEvidence, outcome: LockOutcome): Generator<string> {
  if (e.requests.all > 0) yield 'asked for what this vendor cannot do';
  if (outcome.kind !== 'refused') yield `said ${outcome.kind} of what this vendor cannot do`;
  else if (outcome.reason !== 'unsupported') yield `refused as ${outcome.reason}`;
}

/** A vendor whose receipt is wrong, or true for a moment only: of a write nothing else tells. Of a bolt, a look does. */
const lies: ReadonlySet<FaultClass> = new Set(['lying-ok', 'outside-change']);

function* judgeBolt(
  e: LockEvidence,
  kind: 'unlock' | 'lock',
  { observation: seen }: Extract<LockOutcome, { kind: 'confirmed' }>,
): Generator<string> {
  const wished = kind === 'unlock' ? 'unlocked' : 'locked';
  if (seen?.kind !== 'lock') yield 'said confirmed without having seen the lock';
  else if (seen.bolt !== wished) yield 'said confirmed, but what it saw is the contrary';
  if (e.atReturn.bolt !== wished) yield `said confirmed, but the bolt is ${e.atReturn.bolt}`;
}

function* judgeMust(e: LockEvidence, outcome: LockOutcome): Generator<string> {
  const { must } = faultFacts[e.fault];
  if (must?.outcome !== undefined && outcome.kind !== must.outcome) yield `said ${outcome.kind}, not ${must.outcome}`;
  if (outcome.kind !== 'refused' || must === undefined) return;
  yield* judgeBlame(e, outcome.reason, outcome.retryAfterSeconds);
}

function* judgeBlame(e: LockEvidence, reason: string, retryAfterSeconds: number | undefined): Generator<string> {
  const must = faultFacts[e.fault].must ?? {};
  if (must.reason !== undefined && reason !== must.reason) yield `blames ${reason}, not ${must.reason}`;
  if (retryAfterSeconds !== must.retryAfterSeconds) {
    yield `asks to wait ${retryAfterSeconds} s, the vendor ${must.retryAfterSeconds}`;
  }
}

/** Whether what was asked for could be had. */
const answers = (e: LockEvidence): boolean =>
  faultFacts[e.fault].looksWork === true || (e.fault === 'offline' && !e.operation.radio);

type Sight = Extract<LockResult, { kind: 'observed' }>['observation'];

function* judgeSight(e: LockEvidence, seen: Sight): Generator<string> {
  if (seen.kind === 'lock') {
    yield* tooMuch(e);
    if (seen.bolt !== e.atReturn.bolt) yield `saw the bolt ${seen.bolt}, which it is not`;
    if (seen.battery !== null && seen.battery !== e.atReturn.battery) yield 'told another battery than it has';
    return;
  }
  if (answers(e)) yield `could not look (${seen.why}), though nothing was in its way`;
  if (e.fault === 'offline' && (seen.bridgeOnline !== false || seen.reason !== 'bridge-offline')) {
    yield 'does not blame the gateway that is offline';
  }
  yield* judgeBlame(e, seen.reason ?? 'unreachable', seen.retryAfterSeconds);
}

function* tooMuch(e: LockEvidence): Generator<string> {
  if (e.fault === 'another-device') yield 'took what is told of another lock for this one';
  if (e.fault === 'given-up-before') yield 'told something without asking';
}

function* judgeList(e: LockEvidence, locks: Extract<LockResult, { kind: 'listed' }>['locks']): Generator<string> {
  const ours = locks.find(({ ref }) => ref.hardwareId === e.rig.ref.hardwareId);
  if (ours === undefined) {
    if (answers(e)) yield 'does not list the lock';
    return;
  }
  yield* tooMuch(e);
  const online = e.fault !== 'offline';
  if (ours.bridge?.online !== online) yield `lists its gateway as ${online ? 'offline' : 'online'}`;
}

function* judgeTold(e: LockEvidence, told: Extract<LockResult, { kind: 'told' }>): Generator<string> {
  yield* tooMuch(e);
  const known =
    'codes' in told
      ? told.codes.some(({ reference, pin }) => reference === e.reference && pin === pins.before)
      : told.records.some(({ by, did, pin }) => by === 'pin' && did === 'unlocked' && pin === pins.before);
  if (!known) yield 'does not tell what is there';
}

function* judgeFault(
  e: LockEvidence,
  { reason, message, facts }: Extract<LockResult, { kind: 'vendor-fault' }>['fault'],
): Generator<string> {
  if (answers(e)) yield `could not be told (${message}), though nothing was in its way`;
  yield* judgeBlame(e, reason, facts.retryAfterSeconds);
}
