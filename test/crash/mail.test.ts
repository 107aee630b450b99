import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type Machine, openPlace, type Place, until } from './place.ts';

/**
 * The server killed around the sending of a mail. What a payment has decided is mailed in the end; twice only where the
 * mail server had taken it and nobody was left to hear so, and then as the same mail.
 */
let fresh: FreshDatabase;
let place: Place;
let machines: Machine[];
let environment: Record<string, string>;
let client: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  const port = await freePort();
  place = await openPlace({ port, names: ['One', 'Two', 'Three', 'Four'] });
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
const rowOf = async (to: string) =>
  (await client.query('select state, attempts from mails where recipient = $1', [to])).rows[0];

/** A guest pays at this machine, and the server dies at this commit of the mail that it sends. */
async function killedAt(killAt: string, machine: Machine | undefined, email: string): Promise<void> {
  const server = await startKeystead(environment, killAt);
  const pay = async (): Promise<void> => {
    const { cookie } = await place.call('GET', `/pay/${machine?.uid}`, { staff: false });
    const body = { planId: machine?.hour, email };
    const begun = await place.call('POST', `/api/public/device/${machine?.uid}/intent`, { body, cookie, staff: false });
    const checkout = place.simulators.stripe.checkouts().find(({ url }) => url === begun.body.url);
    await place.simulators.stripe.pay(checkout?.id ?? '');
  };
  await pay().catch(() => undefined); // its answer may die with it
  expect(await server.ended()).toBe('SIGKILL');
}

/** The next start, when the time of the dead sender is over. */
async function untilSent(to: string): Promise<void> {
  const server: KeysteadProcess = await startKeystead(environment);
  await client.query("update mails set try_at = now() where state = 'sending'");
  await until('it is sent', async () => (await rowOf(to))?.state === 'sent');
  await server.stop();
}

test('killed before it was marked as being sent: sent once', async () => {
  await killedAt('mail-sending:before', machines[0], 'one@example.com');
  expect(inbox('one@example.com')).toEqual([]);
  await untilSent('one@example.com');
  expect(inbox('one@example.com').length).toBe(1);
});

test('killed when it was marked and the mail server had heard nothing: sent once', async () => {
  await killedAt('mail-sending:after', machines[1], 'two@example.com');
  expect(inbox('two@example.com')).toEqual([]);
  expect(await rowOf('two@example.com')).toEqual({ state: 'sending', attempts: 1 });
  await untilSent('two@example.com');
  expect(inbox('two@example.com').length).toBe(1);
});

test('killed when the mail server had taken it and nobody had written that down: sent again as the same mail', async () => {
  await killedAt('mail-told:before', machines[2], 'three@example.com');
  expect(inbox('three@example.com').length).toBe(1);
  await untilSent('three@example.com');
  const [mail, again, ...others] = inbox('three@example.com');
  expect(others).toEqual([]);
  expect(again?.messageId).toBe(mail?.messageId);
  expect(mail?.messageId).toMatch(/^<mail_[0-9a-z]{26}@keystead\.test>$/);
});

test('killed when it was written down: sent once', async () => {
  await killedAt('mail-told:after', machines[3], 'four@example.com');
  await untilSent('four@example.com');
  expect(inbox('four@example.com').length).toBe(1);
});
