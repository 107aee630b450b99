import { readFileSync } from 'node:fs';

/**
 * Kill points: every commit has a name, and a test may make the process end, without any farewell, right before its
 * COMMIT is sent or right after it was answered. `KEYSTEAD_KILL_AT=pay:before`, `pay:after`, or `pay:after:2` for the
 * second time; `KEYSTEAD_KILL_AT=@file`: the file says so, and may be written, changed and emptied while the process runs.
 * This file alone reads the variable; without it `killPoints` is null and commits pay one comparison.
 */
export type KillMoment = 'before' | 'after';
export type KillPoints = (moment: KillMoment, name: string) => void;

export const killPoints: KillPoints | null = killPointsOf(process.env.KEYSTEAD_KILL_AT, () =>
  process.kill(process.pid, 'SIGKILL'),
);

export function killPointsOf(text: string | undefined, end: () => void): KillPoints | null {
  if (text?.startsWith('@') !== true) return parseKillPoint(text, end);
  const file = text.slice(1);
  let known = '';
  let points: KillPoints | null = null;
  return (moment, name) => {
    const said = contents(file);
    if (said !== known) points = parseKillPoint(said, end);
    known = said;
    points?.(moment, name);
  };
}

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

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // not written yet
  }
}
