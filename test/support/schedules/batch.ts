import type { ChargeView } from '../../../simulators/stripe/start.ts';
import type { Instant } from '../../../src/rules/instant.ts';
import type { Chance } from '../chance.ts';
import type { Moment } from '../mortal-app.ts';
import { isDisturbed } from './bank.ts';
import { type Books, readBooks } from './books.ts';
import { type Counts, createCounts } from './counts.ts';
import { leftUndone } from './left-undone.ts';
import { createPlayer, type Player } from './player.ts';
import { createPost, type Post } from './post.ts';
import { wrongWithRelays } from './relays.ts';
import { type Act, refundFails, type Schedule, scheduleOf } from './schedule.ts';
import { atOnce, type Street } from './street.ts';
import { wrongWithMoney, wrongWithNews } from './wrong-with-money.ts';

const steps = 12;
const seconds = 1000;
const minutes = 60 * seconds;

/**
 * Many schedules at once, each at a machine of its own: they share the server, its deaths, Stripe's bad hours and the time,
 * and nothing else. Played to their end, the books are compared. Answers what is wrong.
 */
export async function playBatch(street: Street, luck: Chance, counts: Counts): Promise<string[]> {
  street.clock.ahead(60 * minutes); // nothing of the batch before is near
  await street.signIn();
  const since = street.clock.now();
  const schedules = street.machines.map((machine) => ({
    player: createPlayer(street, machine, counts),
    schedule: scheduleOf(luck, steps),
  }));
  const players = schedules.map(({ player }) => player);
  const post = createPost(street, luck, counts);
  const wrong = await playSteps(street, luck, schedules, post, counts);
  await bringToItsEnd(street, luck, schedules, post, counts);
  counts.add('schedules', schedules.length);
  return [...wrong, ...(await compare(street, { players, since }, post, counts))];
}

type Played = { player: Player; schedule: Schedule };

async function playSteps(
  street: Street,
  luck: Chance,
  schedules: readonly Played[],
  post: Post,
  counts: Counts,
): Promise<string[]> {
  const wrong: string[] = [];
  const deaths = new Set(luck.shuffled(Array.from({ length: steps }, (_, step) => step)).slice(0, 3));
  const badHour = luck.odds(60) ? 3 + luck.below(steps - 3) : -9;
  for (let step = 0; step < steps; step++) {
    if (step === badHour) street.stripe.setFault(luck.pick(['down', 'server-error', 'refund-fails']));
    if (step === badHour + 2) street.stripe.setFault('none');
    const dying = street.server();
    const reborn = deaths.has(step) ? dieSoon(street, luck, schedules.length) : null;
    const letters = luck.odds(50);
    if (letters) await post.deliver(step);
    const acting = atOnce(schedules, 10, ({ player, schedule }) => playStep(player, schedule, step));
    await Promise.all([acting, letters ? null : post.deliver(step)]);
    await street.quiet();
    if (reborn !== null) {
      counts.add(dying.dead() ? 'restarts in the middle of a commit' : 'restarts between commits');
      dying.kill();
      await reborn;
      await street.quiet();
    }
    post.collect(step);
    wrong.push(...(await wrongMeanwhile(street)));
    street.clock.ahead(luck.pick([1, 4, 12, 12, 25, 25, 45, 65, 65, 130, 200]) * seconds);
    await street.quiet();
  }
  return wrong;
}

/** The server dies at one of its next commits, and starts again while guests go on. */
function dieSoon(street: Street, luck: Chance, most: number): Promise<void> {
  const server = street.server();
  server.dieAt(1 + luck.below(most), luck.pick<Moment>(['before', 'sent', 'answered']));
  return server.died.then(street.restart);
}

/** What nobody answered to is tried again at the next step. */
async function playStep(player: Player, schedule: Schedule, step: number): Promise<void> {
  const again: Act[] = [];
  for (const act of schedule.acts[step] ?? []) if (!(await player.play(act))) again.push(act);
  schedule.acts[step + 1]?.unshift(...again);
}

async function wrongMeanwhile(street: Street): Promise<string[]> {
  const twice = await street.rows<{ device_id: string }>(
    `select device_id from sessions where phase in ('delayed', 'starting', 'running', 'stopping')
     group by device_id having count(*) > 1`,
  );
  return twice.map(({ device_id }) => `${device_id}: two runs at once`);
}

async function bringToItsEnd(
  street: Street,
  luck: Chance,
  schedules: readonly Played[],
  post: Post,
  counts: Counts,
): Promise<void> {
  street.stripe.setFault('none');
  for (const { player, schedule } of schedules) {
    const fault = schedule.offlineAtTheEnd ? 'offline' : 'none';
    if (schedule.offlineAtTheEnd) await player.play({ kind: 'fault', fault });
    street.shelly.setFault(player.machine.name, fault);
  }
  const word = async (): Promise<void> => {
    post.collect(steps);
    await post.deliverAll();
    await street.quiet();
  };
  await word();
  await waitForEnd(street, word);
  // weeks later, as far as the banks are concerned
  for (const { player } of schedules) {
    player.closeDisputes(luck.odds(50) ? 'won' : 'lost');
    for (let guest = 0; guest < player.guests(); guest++) {
      if (luck.odds(40)) await player.play(refundFails(luck, guest));
    }
  }
  await word();
  await waitForEnd(street, word);
  for (const { player } of schedules) street.shelly.setFault(player.machine.name, 'none');
  for (let n = 0; n < 2; n++) {
    street.clock.ahead(minutes);
    await street.quiet();
    await street.server().app.rounds.cron.reconcile();
    await street.quiet();
  }
  counts.add('machines out of reach for a day', schedules.filter(({ schedule }) => schedule.offlineAtTheEnd).length);
}

const pauses = [
  10 * seconds,
  minutes,
  2 * minutes,
  5 * minutes,
  10 * minutes,
  15 * minutes,
  15 * minutes,
  60 * minutes,
  6 * 60 * minutes,
  12 * 60 * minutes,
  7 * 60 * minutes,
];

/** Lets time go on, and Stripe's letters come, until nothing is under way any more; at most a day and more. */
async function waitForEnd(street: Street, word: () => Promise<void>): Promise<void> {
  for (const pause of pauses) {
    if ((await open(street)) === 0) return;
    street.clock.ahead(pause);
    await street.quiet();
    await word();
  }
}

async function open(street: Street): Promise<number> {
  const [row] = await street.rows<{ count: number }>(
    `select (select count(*) from sessions where phase not in ('completed', 'cancelled'))
      + (select count(*) from payments where status = 'PENDING')
      + (select count(*) from refunds where status = 'asked') as count`,
  );
  return Number(row?.count);
}

const uncounted = createCounts();

async function compare(
  street: Street,
  { players, since }: { players: readonly Player[]; since: Instant },
  post: Post,
  counts: Counts,
): Promise<string[]> {
  const books = await readBooks({ read: street.server().app.database.read, stripe: street.stripe }, since);
  const wrong = [
    ...wrongWithMoney(books, uncounted, { only: 'undisturbed' }),
    ...(await wrongWithRelays(street, players, books, { since })),
    ...(await undone(
      street,
      idsOf(books, (one) => isDisturbed(one)),
    )),
  ];
  wrong.push(...[...new Set(street.errors())].slice(0, 5).map((line) => `logged: ${line}`));
  for (const token of players.flatMap((player) => [...player.toldRunning])) {
    const row = await street.server().app.services.sessions.byToken(token);
    if (row?.started_at == null) wrong.push(`${row?.id}: its guest was told that it runs, and it never began`);
  }
  counts.add('payments compared', books.charges.size);
  counts.add('sessions', books.sessions.length);
  for (const row of books.sessions) counts.add(`ended: ${row.failure_reason ?? row.phase}`);
  await post.deliverLost();
  await street.quiet();
  for (let n = 0; n < 3; n++) {
    street.clock.ahead(10 * minutes);
    await street.quiet();
  }
  await waitForEnd(street, () => street.quiet());
  const after = await readBooks({ read: street.server().app.database.read, stripe: street.stripe }, since);
  wrong.push(...wrongWithMoney(after, counts), ...wrongWithNews(after));
  wrong.push(...(await undone(street, after.troubled)));
  // a person has seen to them: nothing of this batch is left for the next
  await street.rows("update notices set cleared_at = raised_at where kind = 'refund-failed' and cleared_at is null");
  return wrong;
}

/** `troubled`: payments of which a person may be told that money does not get back. */
const undone = (street: Street, troubled: ReadonlySet<string>): Promise<string[]> =>
  leftUndone(street.rows, street.clock.now() - 24 * 60 * minutes, { except: troubled });

const idsOf = ({ charges }: Books, wanted: (charge: ChargeView) => boolean): Set<string> =>
  new Set([...charges].flatMap(([id, charge]) => (wanted(charge) ? [id] : [])));
