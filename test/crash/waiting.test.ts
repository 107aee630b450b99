import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { killAll, startKeystead } from './keystead-process.ts';
import { type Machine, openPlace, type Place, until } from './place.ts';

/** The server killed when it tells a guest that a machine is free: they are told in the end, once, and nobody else is. */
let fresh: FreshDatabase;
let place: Place;
let machines: Machine[];
let environment: Record<string, string>;
let client: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  const port = await freePort();
  place = await openPlace({ port, names: ['One', 'Two'] });
  const { host, port: databasePort, user, database } = fresh.connection;
  environment = {
    ...place.environment,
    DATABASE_URL: `postgresql://${user}@/${database}?host=${encodeURIComponent(host ?? '')}&port=${databasePort}`,
    MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
    SMTP_URL: place.simulators.mail.smtpUrl,
    MAIL_FROM: 'laundry@keystead.test',
  };
  const first = await startKeystead(environment);
  machines = await place.furnish();
  await first.stop();
  client = new pg.Client(fresh.connection);
  await client.connect();
});
afterEach(killAll); // the next test's server listens where this one's did
afterAll(async () => {
  await killAll();
  await client.end();
  await place.close();
  await fresh.drop();
});

const inbox = (to: string) => place.simulators.mail.mails().filter((mail) => mail.to.includes(to));
const states = async () =>
  (await client.query('select state from wishes order by created_at')).rows.map(({ state }) => state);

/** Two guests wait for a machine; it becomes free, and the server dies over telling the first. */
async function killedAt(killAt: string, machine: Machine | undefined, emails: [string, string]): Promise<void> {
  const server = await startKeystead(environment, killAt);
  const path = `/api/public/device/${machine?.uid}`;
  const begun = await place.call('POST', `${path}/intent`, { body: { planId: machine?.hour }, staff: false });
  expect(begun.status).toBe(200);
  for (const email of emails) {
    const body = { email, any: false };
    expect((await place.call('POST', `${path}/tell-me`, { body, staff: false })).status).toBe(200);
  }
  await until('the machine looked at while it was in use', async () => {
    const { rowCount } = await client.query("select from wishes where state = 'waiting' and look_at > created_at");
    return rowCount === emails.length;
  });
  const success = place.simulators.stripe.checkouts().find(({ url }) => url === begun.body.url)?.successUrl ?? '';
  const token = /\/session\/([^?]+)/.exec(success)?.[1];
  await place.call('PATCH', `/api/sessions/${token}/end`, { body: {} }).catch(() => undefined);
  expect(await server.ended()).toBe('SIGKILL');
}

async function untilTold(email: string): Promise<void> {
  const server = await startKeystead(environment);
  await client.query("update mails set try_at = now() where state = 'sending'");
  await until('a mail', () => inbox(email).length > 0);
  await until('nothing left to send', async () => {
    const { rows } = await client.query("select from mails where state in ('waiting', 'sending')");
    return rows.length === 0;
  });
  await server.stop();
}

test('before it was decided: decided by the next process, and told once', async () => {
  await killedAt('wish-told:before', machines[0], ['one@example.com', 'two@example.com']);
  expect(await states()).toEqual(['waiting', 'waiting']);
  expect(inbox('one@example.com')).toEqual([]);
  await untilTold('one@example.com');
  expect(await states()).toEqual(['told', 'waiting']);
  expect([inbox('one@example.com').length, inbox('two@example.com').length]).toEqual([1, 0]);
});

test('when it was decided and nobody had heard: told once', async () => {
  await client.query('delete from wishes');
  await killedAt('wish-told:after', machines[1], ['three@example.com', 'four@example.com']);
  expect(await states()).toEqual(['told', 'waiting']);
  await untilTold('three@example.com');
  expect(await states()).toEqual(['told', 'waiting']);
  expect([inbox('three@example.com').length, inbox('four@example.com').length]).toEqual([1, 0]);
});
