import type { Clock } from '../../host/clock.ts';
import type { Command } from '../port.ts';
import type { FaultClass } from './faults.ts';
import { judge } from './judge.ts';
import { onRig } from './on-rig.ts';
import { anotherTimerSeconds, type Before, type Operation } from './operations.ts';
import { hangs, inTime, neverBack, patience, recoveryMilliseconds, timeFor } from './patience.ts';
import { tried, wordOf } from './results.ts';
import type { Rig, RigMaker, Where } from './rig.ts';
import type { Verdict } from './sweep.ts';

/** One call under one fault, told apart by how things were before. */
export type Trial = {
  operation: Operation;
  fault: FaultClass;
  before: Before;
  where: Where;
  /** Whether the driver has spoken with the device a moment before: then it may believe it knows where it is. */
  warm: boolean;
};

export const runTrial = (maker: RigMaker, trial: Trial, clock: Clock): Promise<Verdict> => {
  const inVain = hangs(trial.fault) || maker.silent?.(trial.fault, trial.operation.command) === true;
  const time = timeFor(trial.where, inVain);
  return onRig({
    start: maker.start,
    clock,
    inVain,
    struck: (rig, strike) => struck(rig, trial, { clock, time, strike }),
    recovers: (rig) => recovers(rig, clock),
  });
};

async function struck(
  rig: Rig,
  trial: Trial,
  { clock, time, strike }: { clock: Clock; time: number; strike: () => void },
): Promise<Verdict> {
  const { operation, fault, where } = trial;
  if (trial.warm) await rig.driver.observe(rig.ref, clock.deadline(patience.answers));
  if (trial.before !== 'off') {
    rig.outside({ on: true, ...(trial.before === 'on-by-hand' ? {} : { autoOffSeconds: anotherTimerSeconds }) });
  }
  // for a look, somebody else was at it just before; the rig does it just after a command
  if (fault === 'outside-change' && operation.command === null) rig.outside({ on: trial.before === 'off' });
  if (fault !== 'none' && fault !== 'given-up-before') await rig.fault(fault, where);

  strike();
  const before = rig.relay();
  const asked = rig.requests();
  const result = await inTime(clock, fault, time, (signal) => tried(() => operation.call(rig.driver, rig.ref, signal)));
  const atReturn = rig.relay();
  const heard = rig.requests();
  await rig.settled();
  if (fault !== 'none' && fault !== 'given-up-before') await rig.fault(null, where);
  const evidence = {
    operation,
    fault,
    where,
    rig,
    before,
    atReturn,
    result: result ?? neverBack,
    gaveUpInTime: result !== null,
    afterwards: rig.relay(),
    requests: { all: heard.all - asked.all, switching: heard.switching - asked.switching },
  };
  return { word: wordOf(evidence.result), broken: judge(evidence) };
}

/** The same driver, once the trouble is over: it looks, switches, and tells the truth again. */
async function recovers(rig: Rig, clock: Clock): Promise<string[]> {
  const until = clock.now() + recoveryMilliseconds;
  for (;;) {
    const seen = await rig.driver.observe(rig.ref, clock.deadline(patience.answers));
    if (seen.kind === 'relay') break;
    if (clock.now() > until) return [`does not find the relay again when the trouble is over: ${seen.why}`];
    await clock.sleep(50);
  }
  if (!rig.timers) rig.outside({ on: true });
  const command: Command = rig.timers ? { kind: 'switch-on', autoOffSeconds: 300 } : { kind: 'switch-off' };
  const outcome = await rig.driver.perform(rig.ref, command, clock.deadline(patience.answers));
  const { on, timerSeconds } = rig.relay();
  if (outcome.kind !== 'confirmed' && outcome.kind !== 'accepted') return [`says ${outcome.kind} when it is over`];
  const done = rig.timers ? on && timerSeconds === 300 : !on;
  return done ? [] : ['does not switch when the trouble is over'];
}
