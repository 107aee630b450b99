import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import { type LookFor, NoTurn, type Pace } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import type { Random } from '../host/random.ts';
import type { SecretBox } from '../host/secret-box.ts';
import { seconds } from '../rules/instant.ts';

type Options = { database: Pick<Database, 'pool'>; clock: Clock; random: Random; box: SecretBox; log: Log };
type Slot = { holdOff(milliseconds: number): void };
/** `begin` settles when the work is over, failed or not. */
type Waiting = { lookFor: LookFor; begin(slot: Slot): Promise<void>; refuse(): void };
type Line = { waiting: Waiting[]; wake: AbortController };

/** From the answer to one request to the beginning of the next: the vendor then never sees two within a second, by any clock. */
const spacing = seconds(1) + 25;
/** A turn that was not given back ends here: its process died. Longer than any request may take. */
const lease = seconds(10);
/** How long background work of other processes stands back after a person was seen waiting. */
const standBack = 600;
const lookAgain = { people: 150, background: 300 } as const;

/**
 * Turns at vendors that count requests, one at a time for an account over all processes: who waits is known in memory,
 * whose turn it is stands in PostgreSQL, by its clock. A process takes a turn only when it can use it at once, so nothing
 * is reserved ahead, and people come before background work, also that of other processes. Nothing is sent without a turn.
 */
export function createPace({ database, clock, random, box, log }: Options): Pace {
  const lines = new Map<string, Line>();

  function turn<T>(
    account: string,
    lookFor: LookFor,
    signal: AbortSignal,
    work: (slot: Slot) => Promise<T>,
  ): Promise<T> {
    if (signal.aborted) return Promise.reject(new NoTurn());
    const key = box.hash('pace', account);
    const name = key.toString('hex');
    return new Promise<T>((resolve, reject) => {
      const one: Waiting = {
        lookFor,
        begin: (slot) => work(slot).then(resolve, reject),
        refuse: () => reject(new NoTurn()),
      };
      const known = lines.get(name);
      const line = known ?? { waiting: [], wake: new AbortController() };
      line.waiting.push(one);
      signal.addEventListener('abort', () => leave(line, one), { once: true });
      if (known !== undefined) return known.wake.abort(); // perhaps a person came while background work was waited with
      lines.set(name, line);
      void serve(name, key, line);
    });
  }

  /** Whoever has no time left goes without a turn. */
  function leave(line: Line, one: Waiting): void {
    const place = line.waiting.indexOf(one);
    if (place < 0) return;
    line.waiting.splice(place, 1);
    one.refuse();
  }

  async function serve(name: string, key: Buffer, line: Line): Promise<void> {
    while (line.waiting.length > 0) {
      const lookFor: LookFor = line.waiting.some((one) => one.lookFor === 'people') ? 'people' : 'background';
      const holder = random.token();
      const free = await take(key, holder, lookFor).catch((error: unknown) => {
        log.error({ err: error }, 'The turn at a vendor could not be asked for.');
        return seconds(1);
      });
      if (free > 0) {
        line.wake = new AbortController();
        await clock.sleep(Math.min(free, lookAgain[lookFor]), line.wake.signal);
        continue;
      }
      let pause: number = spacing;
      const next = line.waiting.find((one) => one.lookFor === 'people') ?? line.waiting[0];
      if (next === undefined) pause = 0;
      else {
        line.waiting.splice(line.waiting.indexOf(next), 1);
        await next.begin({
          holdOff: (milliseconds) => {
            pause = Math.max(pause, milliseconds);
          },
        });
      }
      await giveBack(key, holder, pause).catch((error: unknown) => {
        log.error({ err: error }, 'The turn at a vendor could not be given back; it ends by itself.');
      });
    }
    lines.delete(name);
  }

  /** 0: it is ours; otherwise the milliseconds until it may be free. now() is the moment the statement began: never late. */
  async function take(key: Buffer, holder: string, lookFor: LookFor): Promise<number> {
    const { rows } = await database.pool.query<{ mine: boolean; left: number }>({
      name: 'pace-take',
      text: `insert into paces as p (key, free_at, holder, people_until)
        values ($1, now() + $3 * interval '1 millisecond', $2, '-infinity')
        on conflict (key) do update set
          holder = case when p.free_at <= now() and ($4 or p.people_until <= now()) then $2 else p.holder end,
          free_at = case when p.free_at <= now() and ($4 or p.people_until <= now())
            then now() + $3 * interval '1 millisecond' else p.free_at end,
          people_until = case when $4 and p.free_at > now()
            then now() + $5 * interval '1 millisecond' else p.people_until end
        returning holder = $2 as mine,
          greatest(1, extract(epoch from greatest(free_at, people_until) - now()) * 1000)::float8 as left`,
      values: [key, holder, lease, lookFor === 'people', standBack],
    });
    const [row] = rows;
    return row === undefined || row.mine ? 0 : row.left;
  }

  async function giveBack(key: Buffer, holder: string, pause: number): Promise<void> {
    await database.pool.query({
      name: 'pace-give-back',
      text: `update paces set free_at = now() + $3 * interval '1 millisecond' where key = $1 and holder = $2`,
      values: [key, holder, pause],
    });
  }

  return turn;
}
