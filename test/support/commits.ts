import type { Laundry } from './laundry.ts';

/** The names of the commits of the laundry's server, from now until it is stopped. */
export function watchCommits({ app: { database } }: Laundry): { names: string[]; stop(): void } {
  const names: string[] = [];
  const before = database.transaction;
  database.transaction = (name, work) => {
    names.push(name);
    return before(name, work);
  };
  return {
    names,
    stop: () => {
      database.transaction = before;
    },
  };
}
