import type pg from 'pg';
import type { Door, LockAccount } from './lock-account.ts';
import type { Place } from './place.ts';
import { pause } from './report.ts';

export type Wish = { connection: pg.ClientConfig; database: string; locks: number; seconds: number; broken: boolean };
export type Report = { kind: 'furnished' } | ({ kind: 'over' } & Went);
/** Milliseconds of each opening; and how many presses at doors that could not open were told so. */
type Went = { times: number[]; inVain: number };

/** How long a person is away between two doors; and after a door that did not open. */
const betweenDoors = 250;
const betweenFailures = 400;

/**
 * Somebody at each whole account goes from door to door. The broken ones get into trouble at the same moment, when nobody
 * knows of it yet, with somebody before each of their gateways who does not give up, and a code to be loaded on each lock.
 */
export async function goRound(
  place: Place,
  { whole, broken }: { whole: readonly LockAccount[]; broken: readonly LockAccount[] },
  seconds: number,
): Promise<Went> {
  for (const [index, account] of broken.entries()) account.trouble(index % 2 === 0 ? 'timeout-before' : 'busy');
  for (const { lockId } of broken.flatMap(({ gateways }) => gateways.flat())) {
    await place.call('POST', `/api/locks/${lockId}/pins`, { label: 'Guest', accessType: 'always' });
  }
  const until = performance.now() + seconds * 1000;
  const times: number[] = [];
  let inVain = 0;

  async function opens(account: LockAccount, index: number): Promise<void> {
    const doors = inTurns(account.gateways);
    await pause((betweenDoors * index) / whole.length);
    for (let n = 0; performance.now() < until; n++) {
      const begun = performance.now();
      const status = await press(place, doors[n % doors.length]);
      times.push(performance.now() - begun);
      if (status !== 200) throw new Error(`A door that is well answered ${status}`);
      await pause(betweenDoors);
    }
  }

  async function tries(doors: readonly Door[]): Promise<void> {
    for (let n = 0; performance.now() < until; n++) {
      const status = await press(place, doors[n % doors.length]);
      if (status === 200) throw new Error('A door opened that could not');
      inVain += 1;
      await pause(betweenFailures);
    }
  }

  await Promise.all([...whole.map(opens), ...broken.flatMap(({ gateways }) => gateways.map(tries))]);
  return { times, inVain };
}

async function press(place: Place, door: Door | undefined): Promise<number> {
  const headers = { authorization: `Bearer ${place.bearer}` };
  const answer = await fetch(`${place.url}/api/doors/${door?.id ?? ''}/unlock`, { method: 'POST', headers });
  await answer.text();
  return answer.status;
}

/** A door of one gateway after that of another: a lock that was opened is looked at, and that keeps its gateway busy. */
function inTurns(lists: readonly Door[][]): Door[] {
  const most = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: most }, (_, n) => lists.flatMap((list) => list[n] ?? [])).flat();
}
