/**
 * Kill points: every commit has a name, and a test may make the process end, without any farewell, right before its
 * COMMIT is sent or right after it was answered. `KEYSTEAD_KILL_AT=pay:before`, `pay:after`, or `pay:after:2` for the
 * second time. This file alone reads the variable; without it `killPoints` is null and commits pay one comparison.
 */
export type KillMoment = 'before' | 'after';
export type KillPoints = (moment: KillMoment, name: string) => void;

export const killPoints: KillPoints | null = parseKillPoint(process.env.KEYSTEAD_KILL_AT, () =>
  process.kill(process.pid, 'SIGKILL'),
);

/** Null when no kill point is asked for; throws on a text that names none, so that a misspelt test fails loudly. */
export function parseKillPoint(text: string | undefined, end: () => void): KillPoints | null {
  if (text === undefined || text === '') return null;
  const match = /^(.+?):(before|after)(?::([1-9]\d*))?$/.exec(text);
  if (match === null) throw new Error(`KEYSTEAD_KILL_AT=${text} is not name:before, name:after or name:after:2.`);
  const [, wanted, moment, time] = match;
  let left = Number(time ?? 1);
  return (at, name) => {
    if (name !== wanted || at !== moment) return;
    left -= 1;
    if (left === 0) end();
  };
}
