import type { Clock } from '../../host/clock.ts';
import { type FaultClass, faultClasses } from './faults.ts';
import { judgeLock } from './lock-judge.ts';
import { type Before, type LockOperation, type LockResult, lockOperations } from './lock-operations.ts';
import type { LockRig, LockRigMaker, LockWhere } from './lock-rig.ts';
import { onRig } from './on-rig.ts';
import { hangs, inTime, neverBack, patience, recoveryMilliseconds, timeFor } from './patience.ts';
import { tried, wordOf } from './results.ts';
import type { Course, Verdict } from './sweep.ts';

/** One call to a lock under one fault, told apart by how things were before. */
export type LockTrial = {
  operation: LockOperation;
  fault: FaultClass;
  before: Before;
  where: LockWhere;
  /** Whether the driver has spoken with the vendor a moment before: then it has tokens. */
  warm: boolean;
};

/** All that a driver of locks is tried with. */
export const lockCourse = (maker: LockRigMaker, clock: Clock): Course<LockTrial> => ({
  maker,
  operations: lockOperations.map(({ name }) => name),
  trials: trials(),
  run: (trial) => runLockTrial(maker, trial, clock),
  circumstances: ({ before, where, warm }) => `${before}, fault in ${where}, ${warm ? 'signed in' : 'not signed in'}`,
});

function trials(): LockTrial[] {
  const all: LockTrial[] = [];
  for (const operation of lockOperations) {
    for (const fault of faultClasses) {
      for (const before of operation.befores) {
        for (const where of operation.wheres) {
          for (const warm of [false, true]) {
            if (isOne({ fault, where, warm })) all.push({ operation, fault, before, where, warm });
          }
        }
      }
    }
  }
  return all;
}

/** Whoever is signed in fetches no tokens; and these faults are of locks. */
const ofLocks: readonly FaultClass[] = ['none', 'given-up-before', 'outside-change', 'offline', 'another-device'];
const isOne = ({ fault, where, warm }: Pick<LockTrial, 'fault' | 'where' | 'warm'>): boolean =>
  where !== 'signing-in' || (!warm && !ofLocks.includes(fault));

export const runLockTrial = (maker: LockRigMaker, trial: LockTrial, clock: Clock): Promise<Verdict> =>
  onRig({
    start: maker.start,
    clock,
    inVain: hangs(trial.fault),
    struck: (rig, strike) => struck(rig, trial, { clock, strike }),
    recovers: (rig) => recovers(rig, clock),
  });

async function struck(
  rig: LockRig,
  trial: LockTrial,
  { clock, strike }: { clock: Clock; strike: () => void },
): Promise<Verdict> {
  const { operation, fault, where } = trial;
  const reference = operation.prepares === null ? '' : await rig.prepare(operation.prepares);
  if (trial.warm) await rig.locks.observe(rig.ref, clock.deadline(patience.answers));
  rig.outside(trial.before);
  // for a look, somebody else was at it just before; the vendor does it just after a command
  if (fault === 'outside-change' && operation.command === null) {
    rig.outside(trial.before === 'locked' ? 'unlocked' : 'locked');
  }
  const strikes = fault !== 'none' && fault !== 'given-up-before' ? fault : null;
  if (strikes !== null) rig.fault(strikes, where);

  strike();
  const now = clock.now();
  const before = rig.truth();
  const asked = rig.requests();
  const result = await inTime(clock, fault, timeFor(where, hangs(fault)), (signal) =>
    tried<LockResult>(() => operation.call(rig, { reference, now, signal })),
  );
  const atReturn = rig.truth();
  const heard = rig.requests();
  await rig.settled();
  if (strikes !== null) rig.fault(null, where);
  const evidence = {
    operation,
    command: operation.command?.(reference, now) ?? null,
    fault,
    where,
    rig,
    before,
    atReturn,
    reference,
    result: result ?? neverBack,
    gaveUpInTime: result !== null,
    afterwards: rig.truth(),
    requests: { all: heard.all - asked.all, acting: heard.acting - asked.acting },
  };
  const broken = judgeLock(evidence);
  if (fault === 'none') broken.push(...opens(rig, evidence.command, evidence.result));
  return { word: wordOf(evidence.result), broken };
}

/** A code that was set or given opens, when somebody stands there. */
function opens(rig: LockRig, command: ReturnType<NonNullable<LockOperation['command']>> | null, result: LockResult) {
  if (result.kind !== 'ended' || !('gave' in result.outcome) || command === null) return [];
  const { gave = {} } = result.outcome;
  const digits = 'pin' in command ? command.pin : null;
  return rig.opensBy(digits === null ? gave : { pin: digits }) ? [] : ['gave a way in that does not open'];
}

/** The same driver, once the trouble is over: it looks, turns the bolt, and tells the truth again. */
async function recovers(rig: LockRig, clock: Clock): Promise<string[]> {
  const until = clock.now() + recoveryMilliseconds;
  for (;;) {
    const seen = await rig.locks.observe(rig.ref, clock.deadline(patience.answers));
    if (seen.kind === 'lock') break;
    if (clock.now() > until) return [`does not find the lock again when the trouble is over: ${seen.why}`];
    await clock.sleep(50);
  }
  const kind = rig.truth().bolt === 'locked' ? 'unlock' : 'lock';
  const outcome = await rig.locks.perform(rig.ref, { kind }, clock.deadline(patience.answers));
  if (outcome.kind !== 'confirmed') return [`says ${outcome.kind} when it is over`];
  return rig.truth().bolt === (kind === 'unlock' ? 'unlocked' : 'locked') ? [] : ['does not turn the bolt again'];
}
