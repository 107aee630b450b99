import { sql } from 'kysely';
import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { Clock } from '../host/clock.ts';
import { clockDifference } from '../rules/clock-difference.ts';
import { minutes } from '../rules/instant.ts';

/**
 * Compares the clock of this process with the database's. Leases and holds are reckoned by the processes' own clocks: where
 * these are apart, one takes over what another still does. It is told, and nothing is stopped: a machine that is sold by a
 * clock that is wrong is better than none, and whoever runs the server sees it in the log and in what `/api/ready` says.
 */
export function createClockWatch({ database, clock, log }: { database: Database; clock: Clock; log: Log }) {
  let told: string | null = null;

  async function look(): Promise<void> {
    const before = clock.now();
    const query = sql<{ at: number }>`select extract(epoch from clock_timestamp())::float8 * 1000 as at`;
    const [row] = (await query.execute(database.read)).rows;
    if (row === undefined) return;
    const difference = clockDifference({ before, theirs: row.at, after: clock.now() });
    const words = difference === null ? null : inWords(difference);
    if (words !== null && told === null) {
      log.warn({ milliseconds: Math.round(difference ?? 0) }, `Clocks must agree within 2 s: ${words}. Is NTP on?`);
    }
    if (words === null && told !== null) log.info({}, 'The clock agrees with the database’s again.');
    told = words;
  }

  /** A database that does not answer is told of elsewhere. */
  const calmly = (): Promise<void> => look().catch(() => undefined);

  function start(): { stop(): Promise<void> } {
    let looking = calmly();
    const repeat = clock.every(minutes(1), () => {
      looking = looking.then(calmly);
    });
    return {
      async stop() {
        repeat.stop();
        await looking;
      },
    };
  }

  /** A sentence while the clocks are apart. */
  const warning = (): string | null => told;

  return { look, start, warning };
}

function inWords(ahead: number): string {
  const seconds = Math.round(Math.abs(ahead) / 1000);
  return `this server’s clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the database’s`;
}
