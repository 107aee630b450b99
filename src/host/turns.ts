/** Lets `atOnce` pieces of work run and `mostWaiting` wait for their turn, first come first served. */
export type Turns = {
  /** null: too many are waiting already. */
  take<T>(work: () => Promise<T>): Promise<T> | null;
};

export function createTurns(atOnce: number, mostWaiting: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  return {
    take(work) {
      if (running < atOnce) {
        running++;
        return run(work);
      }
      if (waiting.length >= mostWaiting) return null;
      return new Promise<void>((resolve) => waiting.push(resolve)).then(() => run(work));
    },
  };
}

/** One at a time for each key. */
export type TurnsByKey = {
  /** null: too many are waiting for this key already. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> | null;
};

export function createTurnsByKey(mostWaiting: number): TurnsByKey {
  const lines = new Map<string, { turns: Turns; users: number }>();
  return {
    take(key, work) {
      const line = lines.get(key) ?? { turns: createTurns(1, mostWaiting), users: 0 };
      const taken = line.turns.take(work);
      if (taken === null) return null;
      line.users++;
      lines.set(key, line);
      return taken.finally(() => {
        line.users--;
        if (line.users === 0) lines.delete(key);
      });
    },
  };
}
