import type { Clock } from '../../host/clock.ts';
import { faultClasses } from './faults.ts';
import { operations } from './operations.ts';
import type { RigMaker } from './rig.ts';
import type { Course } from './sweep.ts';
import { runTrial, type Trial } from './trial.ts';

/** All that a driver of relays is tried with. */
export const relayCourse = (maker: RigMaker, clock: Clock): Course<Trial> => ({
  maker,
  operations: operations.map(({ name }) => name),
  trials: trials(),
  run: (trial) => runTrial(maker, trial, clock),
  circumstances,
});

function trials(): Trial[] {
  const all: Trial[] = [];
  for (const operation of operations) {
    for (const fault of faultClasses) {
      for (const before of operation.befores) {
        for (const where of operation.wheres) {
          for (const warm of [false, true]) all.push({ operation, fault, before, where, warm });
        }
      }
    }
  }
  return all;
}

const circumstances = ({ before, where, warm }: Trial): string =>
  `${before}, fault in ${where}, ${warm ? 'device known' : 'device not asked before'}`;
