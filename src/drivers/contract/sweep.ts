import type { Clock } from '../../host/clock.ts';
import { type FaultClass, faultClasses } from './faults.ts';
import { operations } from './operations.ts';
import type { RigMaker } from './rig.ts';
import { runTrial, type Trial } from './trial.ts';

/** What one operation under one fault gave, over all trials: each word with how often it was said. */
export type Cell = {
  operation: string;
  fault: FaultClass;
  words: Record<string, number>;
  /** Promises that were broken, with the trial in which they were. */
  broken: string[];
  /** Why the fault cannot exist on this wire. */
  impossible: string | null;
};
export type Sweep = { name: string; cells: Cell[]; instead: Partial<Record<FaultClass, string>> };

/** Most of them wait for an answer that does not come; all drivers are tried beside each other. */
const atOnce = 40;

/** Every operation under every fault, from every beginning. */
export async function sweep(maker: RigMaker, clock: Clock): Promise<Sweep> {
  const cells = new Map<string, Cell>();
  for (const operation of operations) {
    for (const fault of faultClasses) {
      const impossible = maker.impossible?.[fault] ?? null;
      cells.set(`${operation.name}/${fault}`, { operation: operation.name, fault, words: {}, broken: [], impossible });
    }
  }
  const left = trials().filter(({ fault }) => maker.impossible?.[fault] === undefined);
  await Promise.all(Array.from({ length: atOnce }, work));
  return { name: maker.name, cells: [...cells.values()], instead: maker.instead ?? {} };

  async function work(): Promise<void> {
    for (let trial = left.pop(); trial !== undefined; trial = left.pop()) {
      const { word, broken } = await runTrial(maker, trial, clock);
      const cell = cells.get(`${trial.operation.name}/${trial.fault}`);
      if (cell === undefined) throw new Error('a trial without a cell');
      cell.words[word] = (cell.words[word] ?? 0) + 1;
      cell.broken.push(...broken.map((one) => `${circumstances(trial)}: ${word}: ${one}`));
    }
  }
}

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
