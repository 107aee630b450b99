import type pg from 'pg';
import { composeCheckout } from './composition/checkout.ts';
import { composeCodes } from './composition/codes.ts';
import { composeDoors } from './composition/doors.ts';
import { composeEngine, type Engine } from './composition/engine.ts';
import { openGround } from './composition/ground.ts';
import { composeGuests } from './composition/guests.ts';
import { composeHouse } from './composition/house.ts';
import { composeLockPeople } from './composition/lock-people.ts';
import { composeLocks } from './composition/locks.ts';
import { composeMachines } from './composition/machines.ts';
import { composeMail } from './composition/mail.ts';
import { composeMoney } from './composition/money.ts';
import { composeNotices } from './composition/notices.ts';
import { composePartners } from './composition/partners.ts';
import { mountHygate } from './composition/routes/hygate.ts';
import { mountInbound } from './composition/routes/inbound.ts';
import { mountKeystead } from './composition/routes/keystead.ts';
import { mountLive } from './composition/routes/live.ts';
import { mountLogin } from './composition/routes/login.ts';
import { mountPages } from './composition/routes/pages.ts';
import { mountYale } from './composition/routes/yale.ts';
import { composeVendors } from './composition/vendors.ts';
import { composeWeb } from './composition/web.ts';
import type { Config } from './config.ts';
import { startWorkers } from './engine/workers.ts';
import type { Clock } from './host/clock.ts';
import type { Logger } from './host/log.ts';

export type AppOptions = {
  config: Pick<Config, 'publicUrl' | 'trustProxy' | 'cronSecret' | 'stripeBaseUrl'> &
    Partial<Pick<Config, 'mail' | 'yaleHosts'>>;
  connection: pg.ClientConfig;
  masterKey: Buffer;
  clock: Clock;
  log: Logger;
  /** No other process can be on this database: whoever was before is dead. */
  alone?: boolean;
  /** Tests: answers that their schema would cut are errors. */
  checkResponses?: boolean;
};

/**
 * The composition root: the one place where the parts of composition/ meet. Which part calls which can be read from what
 * each is given; all arrows point upwards in this list.
 */
export async function createApp(o: AppOptions) {
  const { config, connection, masterKey, clock, log } = o;
  const { publicUrl, stripeBaseUrl, mail: mailServer = null } = config;
  const ground = await openGround({ connection, masterKey, publicUrl, clock, log });
  const house = composeHouse(ground, { inEmergency: (...where) => locks.emergency.reigns(...where) });
  const notices = composeNotices(ground, { house, mailOn: mailServer !== null });
  const partners = composePartners(ground, { house, notices });
  const vendors = composeVendors(ground, { house, notices, told: (...news) => engine.watches.told(...news) });
  const money = composeMoney(ground, { house, notices, stripeBaseUrl });
  const machines = composeMachines(ground, { house, notices, vendors, money });
  const locks = composeLocks(ground, { house, notices, vendors });
  const doors = composeDoors(ground, { house, notices, vendors, money, locks });
  const codes = composeCodes(ground, { house, notices, locks, doors });
  const lockPeople = composeLockPeople(ground, { house, locks, codes });
  const things = { vendors, machines, locks, doors, codes };
  const checkout = composeCheckout(ground, { house, notices, money, ...things });
  const guests = composeGuests(ground, { house, notices, money, checkout, ...things });
  const mail = composeMail(ground, { house, notices, partners, money, machines, doors, guests, mailServer });
  const engine: Engine = composeEngine(ground, { house, notices, partners, money, checkout, guests, mail, ...things });

  const web = await composeWeb(ground, { house, partners, engine, config, checkResponses: o.checkResponses ?? false });
  mountLogin(web, { house });
  mountHygate(web, { house, vendors, money, machines, doors, checkout, guests, engine });
  mountInbound(web, { house, vendors, money, locks, checkout, engine });
  mountKeystead(web, { house, notices, partners, vendors, machines, locks, codes, guests });
  mountLive(web, { house, notices, guests });
  mountYale(web, { house, partners, lockPeople, codes });
  mountPages(web, { house, notices, machines, doors, checkout, guests });

  /** Starts the engine in this process; without it the server answers, and others do the work. */
  async function startEngine() {
    if (o.alone === true) await Promise.all([machines.commands.ofTheDead(), locks.lockCommands.ofTheDead()]);
    if (mailServer === null) log.info({}, 'Mail is off: SMTP_URL and MAIL_FROM are not set.');
    await engine.housekeeping.round();
    const workers = await startWorkers({ connection, tasks: engine.tasks, concurrency: 20, log, clock });
    const watching = engine.watches.start(workers.id);
    const clockwork = engine.rounds.start();
    const post = mail.mails.start();
    const clocks = engine.clockWatch.start();
    const lockWork = engine.lockRound.start();
    const codeWork = engine.pinReconciler.start();
    const counting = vendors.monthlyRequests.start();
    return {
      lost: workers.lost,
      async stop() {
        await Promise.all([
          clockwork.stop().then(workers.stop),
          post.stop(),
          clocks.stop(),
          lockWork.stop(),
          codeWork.stop(),
          counting.stop(),
        ]);
        await watching.stop();
      },
    };
  }

  async function close(): Promise<void> {
    await web.server.close();
    await vendors.drivers.close();
    await ground.hub.close();
    await ground.lanes.close();
    await ground.database.close();
  }

  const { monthlyRequests } = vendors;
  const { runner } = machines;
  const { rounds, lockRound, pinReconciler, passRunner, clockWatch } = engine;
  return {
    server: web.server,
    database: ground.database,
    services: {
      ...house,
      ...notices,
      ...partners,
      ...money,
      ...vendors,
      ...machines,
      ...locks,
      ...doors,
      ...codes,
      ...lockPeople,
      ...checkout,
      ...guests,
    },
    rounds,
    lockRound,
    pinReconciler,
    monthlyRequests,
    runner,
    passRunner,
    clockWatch,
    startEngine,
    close,
  };
}

export type App = Awaited<ReturnType<typeof createApp>>;
