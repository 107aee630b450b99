import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { IntakeService } from '../features/checkout/intake.service.ts';
import type { MoneyNews } from '../features/checkout/money-news.service.ts';
import type { PassagesService } from '../features/doors/passages.service.ts';
import type { PassesService } from '../features/passes/passes.service.ts';
import type { RefundsService } from '../features/payments/refunds.service.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { TellingService } from '../features/wishes/telling.service.ts';
import type { Clock } from '../host/clock.ts';
import { ageOf, hours, type Instant, seconds } from '../rules/instant.ts';
import type { createAtOnce } from './at-once.ts';
import { createDueWork } from './due-work.ts';
import type { Housekeeping } from './housekeeping.ts';

import type { PassHints } from './pass-hints.ts';
import type { PassRunner } from './pass-runner.ts';
import type { AtOnce } from './port.ts';
import type { RelayRound } from './relay-round.ts';
import { createRepeat } from './repeated.ts';
import type { SessionRunner } from './session-runner.ts';

type Deps = {
  database: Pick<Database, 'afterCommit' | 'atEnd'>;
  clock: Clock;
  log: Log;
  atOnce: ReturnType<typeof createAtOnce>;
  sessions: SessionsService;
  runner: SessionRunner;
  passes: PassesService;
  passHints: PassHints;
  passRunner: PassRunner;
  passages: PassagesService;
  intake: IntakeService;
  moneyNews: MoneyNews;
  refunds: RefundsService;
  relayRound: RelayRound;
  telling: TellingService;
  housekeeping: Housekeeping;
};

/** How often the rounds go. Jobs do what is decided now at once; rounds do what comes due later, and what a crash left. */
const every = { due: 500, relays: seconds(20), housekeeping: hours(6) } as const;
const most = 200;

/**
 * The engine's clockwork in this process. Every round may run on any number of processes at once: each piece of work is
 * guarded by its own lane, lock or id.
 */
export function createRounds(deps: Deps) {
  const { passes, passHints, passRunner, passages } = deps;
  const {
    database,
    clock,
    log,
    atOnce,
    sessions,
    runner,
    intake,
    moneyNews,
    refunds,
    relayRound,
    telling,
    housekeeping,
  } = deps;
  const ending = new AbortController();
  const under = new Set<Promise<unknown>>();
  const repeat = createRepeat({ clock, log, ending: ending.signal, under });

  // apart, so that a payment service that hangs holds back no machine
  const machines = createDueWork({ clock, log, atOnce: 128 });
  const money = createDueWork({ clock, log, atOnce: 32 });
  const entrances = createDueWork({ clock, log, atOnce: 64 });
  const lines = createDueWork({ clock, log, atOnce: 8 });

  let lastRound: Instant | null = null;

  /**
   * Begins everything that is due by now and not under way. At the first round, and where the clock was set back since the
   * last, every run, and every pass that waits to try again, is looked at: when it was to wake lies too far ahead.
   */
  async function begin(): Promise<Promise<void>[]> {
    const now = clock.now();
    const setBack = lastRound === null || ageOf(lastRound, now) === null;
    lastRound = now;
    if (setBack) await Promise.all([sessions.bringForward('live'), passes.bringForward()]);
    const [runs, payments, owed, unclear, waiting, ways, free] = await Promise.all([
      sessions.due(now, most, runner.full()),
      intake.due(now, most),
      refunds.due(now, most),
      moneyNews.dueForLook(now, most),
      telling.due(now, most),
      passes.due(now, most),
      passages.due(now, most),
    ]);
    return [
      ...runs.map(({ organizationId, id }) => machines.begin(id, () => runner.run(organizationId, id, 'due'))),
      ...payments.map(({ organizationId, id }) => money.begin(id, () => intake.check(organizationId, id))),
      ...owed.map(({ organizationId, id }) => money.begin(id, () => refunds.perform(organizationId, id))),
      ...unclear.map(({ organizationId, id }) => money.begin(`look ${id}`, () => moneyNews.look(organizationId, id))),
      ...ways.map(({ organizationId, id }) => entrances.begin(id, () => passRunner.run(organizationId, id))),
      ...free.map((door) => entrances.begin(`passage ${door.id}`, () => passages.tell(door, 'background'))),
      ...waiting.map(({ organizationId, deviceId }) =>
        lines.begin(deviceId, () => telling.look(organizationId, deviceId)),
      ),
    ].filter((one) => one !== null);
  }

  /** Does everything that is due by now; answers how many pieces of work it began. */
  async function due(): Promise<number> {
    const begun = await begin();
    await Promise.all(begun);
    return begun.length;
  }

  const impatient: AtOnce = {
    hurry(organizationId, id) {
      machines.hurry(id, () => runner.run(organizationId, id, 'at-once'));
    },
    async begin(tx, device, session) {
      const { organization_id, id } = session;
      const carryOn = await runner.begin(tx, device, session);
      if (carryOn === null) return database.afterCommit(tx, () => impatient.hurry(organization_id, id));
      database.atEnd(tx, (committed) => {
        const one = carryOn(committed)
          .catch((error: unknown) => log.error({ err: error, key: id }, 'A piece of work failed; it is tried again.'))
          .finally(() => under.delete(one));
        under.add(one);
      });
    },
  };

  function start(): { stop(): Promise<void> } {
    const repeats = [
      repeat('due', every.due, begin),
      repeat('relays', every.relays, () => relayRound.begin(ending.signal, every.relays / 2)),
      repeat('housekeeping', every.housekeeping, housekeeping.round),
    ];
    const serving = atOnce.serve(impatient);
    const waitingGuests = passHints.serve((organizationId, id) => {
      entrances.hurry(id, () => passRunner.run(organizationId, id));
    });
    const first = relayRound
      .round(ending.signal)
      .catch((error: unknown) => log.error({ err: error }, 'The first round failed.'));
    under.add(first);
    return {
      async stop() {
        ending.abort();
        serving.stop();
        waitingGuests.stop();
        for (const one of repeats) one.stop();
        await Promise.allSettled(under);
        await Promise.all([machines.stop(), money.stop(), entrances.stop(), lines.stop(), relayRound.idle()]);
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
