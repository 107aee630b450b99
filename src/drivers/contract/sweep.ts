import { type FaultClass, faultClasses } from './faults.ts';

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
export type Sweep = {
  name: string;
  operations: readonly string[];
  cells: Cell[];
  instead: Partial<Record<FaultClass, string>>;
};
export type Verdict = { word: string; broken: string[] };

/** All that one driver is tried with: relays have other operations and beginnings than locks. */
export type Course<Trial> = {
  maker: {
    name: string;
    instead?: Partial<Record<FaultClass, string>>;
    impossible?: Partial<Record<FaultClass, string>>;
  };
  operations: readonly string[];
  trials: readonly Trial[];
  run(trial: Trial): Promise<Verdict>;
  circumstances(trial: Trial): string;
};

/** Most of them wait for an answer that does not come; all drivers are tried beside each other. */
const atOnce = 40;

/** Every operation under every fault, from every beginning. */
export async function sweep<Trial extends { operation: { name: string }; fault: FaultClass }>({
  maker,
  operations,
  trials,
  run,
  circumstances,
}: Course<Trial>): Promise<Sweep> {
  const cells = new Map<string, Cell>();
  for (const operation of operations) {
    for (const fault of faultClasses) {
      const impossible = maker.impossible?.[fault] ?? null;
      cells.set(`${operation}/${fault}`, { operation, fault, words: {}, broken: [], impossible });
    }
  }
  const left = trials.filter(({ fault }) => maker.impossible?.[fault] === undefined);
  await Promise.all(Array.from({ length: atOnce }, work));
  return { name: maker.name, operations, cells: [...cells.values()], instead: maker.instead ?? {} };

  async function work(): Promise<void> {
    for (let trial = left.pop(); trial !== undefined; trial = left.pop()) {
      const { word, broken } = await run(trial);
      const cell = cells.get(`${trial.operation.name}/${trial.fault}`);
      if (cell === undefined) throw new Error('a trial without a cell');
      cell.words[word] = (cell.words[word] ?? 0) + 1;
      for (const one of broken) cell.broken.push(`${circumstances(trial)}: ${word}: ${one}`);
    }
  }
}
