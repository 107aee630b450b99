/**
 * How much may be under way at once, over all and for one group (a connection, say): so that a vendor who does not answer
 * keeps only his own work waiting. Groups take turns.
 */
export function createFairQueue({ atOnce, atOncePerGroup }: { atOnce: number; atOncePerGroup: number }) {
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const busy = createPlaces<string>();
  let under = 0;

  /** Begins it when there is a place for its group. Settles as the work does. */
  function add<T>(group: string, work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const queue = waiting.get(group) ?? [];
    waiting.set(group, queue);
    queue.push(() => work().then(resolve, reject));
    next();
    return promise;
  }

  /** One of each group, round after round, until no place is left. */
  function next(): void {
    for (let began = true; began && under < atOnce; ) {
      began = false;
      for (const [group, queue] of Array.from(waiting)) {
        if (under < atOnce && beginOne(group, queue)) began = true;
      }
    }
  }

  function beginOne(group: string, queue: (() => Promise<void>)[]): boolean {
    const leave = busy.take(group, atOncePerGroup);
    if (leave === null) return false;
    waiting.delete(group);
    const work = queue.shift();
    if (queue.length > 0) waiting.set(group, queue); // behind the others: their turn comes first
    if (work === undefined) throw new Error('a group without work');
    under += 1;
    void work().finally(() => {
      under -= 1;
      leave();
      next();
    });
    return true;
  }

  return { add };
}

/** Places by group, for work that is left to later when there is none. */
export function createPlaces<Group extends string>() {
  const taken = new Map<Group, number>();
  const refused = new Set<Group>();

  /** Null: the group has as much under way as it may. Else what gives the place back, to be called once. */
  function take(group: Group, most: number): (() => void) | null {
    const count = taken.get(group) ?? 0;
    if (count >= most) {
      refused.add(group);
      return null;
    }
    taken.set(group, count + 1);
    return () => {
      refused.delete(group);
      const left = (taken.get(group) ?? 1) - 1;
      if (left === 0) taken.delete(group);
      else taken.set(group, left);
    };
  }

  /** Groups that were refused a place, and have given none back since. */
  const full = (): Group[] => [...refused];

  return { take, full };
}
