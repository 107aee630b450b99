import type { Log } from '../database/log.ts';
import type { IntakeService } from '../features/checkout/intake.service.ts';
import type { RefundsService } from '../features/payments/refunds.service.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import { hours, seconds } from '../rules/instant.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { RelayRound } from './relay-round.ts';
import type { SessionRunner } from './session-runner.ts';

type Deps = {
  clock: Clock;
  log: Log;
  sessions: SessionsService;
  runner: SessionRunner;
  intake: IntakeService;
  refunds: RefundsService;
  relayRound: RelayRound;
  housekeeping: Housekeeping;
};

/** How often the rounds go. Jobs do what is decided now at once; rounds do what comes due later, and what a crash left. */
const every = { due: 500, relays: seconds(20), housekeeping: hours(6) } as const;
const most = 200;
const atOnce = 8;

/**
 * The engine's clockwork in this process. Every round may run on any number of processes at once: each piece of work is
 * guarded by its own lane, lock or id.
 */
export function createRounds(deps: Deps) {
  const { clock, log, sessions, runner, intake, refunds, relayRound, housekeeping } = deps;
  const ending = new AbortController();
  const under = new Set<Promise<unknown>>();

  /** Everything that is due by now; answers how many pieces of work there were. */
  async function due(): Promise<number> {
    const now = clock.now();
    const work = [
      ...(await sessions.due(now, most)).map((one) => () => runner.run(one.organizationId, one.id, true)),
      ...(await intake.due(now, most)).map((one) => () => intake.check(one.organizationId, one.id)),
      ...(await refunds.due(now, most)).map((one) => () => refunds.perform(one.organizationId, one.id)),
    ];
    await inParallel(work);
    return work.length;
  }

  async function inParallel(work: (() => Promise<unknown>)[]): Promise<void> {
    const rest = [...work];
    const worker = async (): Promise<void> => {
      for (let next = rest.shift(); next !== undefined && !ending.signal.aborted; next = rest.shift()) {
        await next().catch((error: unknown) => log.error({ err: error }, 'A piece of work failed; it is tried again.'));
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, work.length) }, worker));
  }

  /** Starts a round again and again, never two of a kind at once. */
  function repeat(name: string, milliseconds: number, round: () => Promise<unknown>): { stop(): void } {
    let running = false;
    return clock.every(milliseconds, () => {
      if (running || ending.signal.aborted) return;
      running = true;
      const one = round()
        .catch((error: unknown) => log.error({ err: error, round: name }, 'A round failed; the next one follows.'))
        .finally(() => {
          running = false;
          under.delete(one);
        });
      under.add(one);
    });
  }

  function start(): { stop(): Promise<void> } {
    const repeats = [
      repeat('due', every.due, due),
      repeat('relays', every.relays, () => relayRound.round(ending.signal)),
      repeat('housekeeping', every.housekeeping, housekeeping.round),
    ];
    const first = relayRound
      .round(ending.signal)
      .catch((error: unknown) => log.error({ err: error }, 'The first round failed.'));
    under.add(first);
    return {
      async stop() {
        ending.abort();
        for (const one of repeats) one.stop();
        await Promise.allSettled(under);
      },
    };
  }

  /** The same on request, for an outside cron: brings forward what should be over, or reads all that should run. */
  const cron = {
    async cleanup(): Promise<number> {
      const brought = await sessions.bringForward('past-their-end');
      await due();
      return brought;
    },
    async reconcile(): Promise<number> {
      const brought = await sessions.bringForward('running');
      await due();
      return brought + (await relayRound.round(ending.signal));
    },
  };

  return { due, start, cron };
}

export type Rounds = ReturnType<typeof createRounds>;
