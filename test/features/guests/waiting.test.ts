// biome-ignore-all lint/style/noExcessiveLinesPerFile: one line of guests, told from its beginning to its end
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MailView } from '../../../simulators/mail/start.ts';
import type { ShellySimulator } from '../../../simulators/shelly/start.ts';
import { createApp } from '../../../src/app.ts';
import { mailConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/host/log.ts';
import { inboxOf, untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Answer, type Laundry, openLaundry } from '../../support/laundry.ts';
import { addMachines, type Machine } from '../../support/machines.ts';
import { beginToPay, untilState } from '../../support/purchase.ts';
import { adminOf } from '../../support/signed-in.ts';

/** Machines that are all alike; a program takes five minutes. Each test has its own. */
const minute = 60_000;
const run = { minutes: 5, price: 100 };

let laundry: Laundry;
let machines: Machine[];
let rack: ShellySimulator;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
  ({ machines, shelly: rack } = await addMachines(laundry, 24, run));
});
afterEach(async () => {
  laundry.mail.setFault('none');
  await pool().query("update wishes set state = 'expired', look_at = null, email = null where state = 'waiting'");
  await pool().query('delete from wish_refusals');
});
afterAll(async () => {
  await laundry.close();
  await rack.close();
});

const pool = () => laundry.app.database.pool;
const admin = adminOf(() => laundry);
let used = 0;
/** A machine that no test has touched, in a place of its own, so that it is like no other. */
async function machine(): Promise<Machine> {
  const [one] = await alike(1);
  if (one === undefined) throw new Error('There are no more machines');
  return one;
}
/** So many that are like each other and like no other. */
async function alike(count: number): Promise<Machine[]> {
  const some = machines.slice(used, used + count);
  used += count;
  const { token } = await admin();
  const place = await laundry.call('POST', '/api/locations', { token, body: { name: `Room ${used}` } });
  for (const { id } of some) {
    await laundry.call('PATCH', `/api/devices/${id}`, { token, body: { locationId: place.body.id } });
  }
  return some;
}

/** Another guest's run. */
async function occupied({ uid, plan }: Machine): Promise<string> {
  const begun = await beginToPay(laundry, plan, { uid, body: { email: '' } });
  expect(begun.status).toBe(200);
  expect(await laundry.stripe.pay(begun.checkoutId)).toEqual({ paid: true });
  await untilState(laundry, begun.token, 'running');
  return begun.token;
}
async function over(token: string): Promise<void> {
  await laundry.ahead(run.minutes * minute + 1000);
  await untilState(laundry, token, 'complete');
  await nextLook();
}
/** Lines are looked at every few seconds. */
const nextLook = (): Promise<void> => laundry.ahead(5000);

let guests = 0;
const wish = async ({ uid }: Machine, email: string, o: { any?: boolean; language?: string } = {}): Promise<Answer> => {
  const answer = await laundry.call('POST', `/api/public/device/${uid}/tell-me`, {
    body: { email, ...(o.any === undefined ? {} : { any: o.any }) },
    headers: { 'accept-language': o.language ?? 'en' },
    cookie: `keystead_hold=${String(++guests).padStart(32, 'g')}`,
  });
  if (answer.status === 429) throw new Error('Too many wishes for one test: move the clock');
  return answer;
};
const stateOf = async (email: string) => {
  const { rows } = await pool().query('select state from wishes where email = $1', [email]);
  return rows.map(({ state }) => state);
};
/** Lets everybody look whose time it is, and everything be sent: whoever has no mail then gets none. */
async function everythingTold(): Promise<void> {
  await nextLook();
  await nextLook();
  await untilAllSent(laundry);
}
const stopPath = (mail: MailView | undefined): string =>
  /\/pay\/[a-z0-9]+\/tell-me\/[A-Za-z0-9_-]{32}/.exec(mail?.text ?? '')?.[0] ?? '';

describe('two guests who wait for one machine', () => {
  test('the first gets one mail when it is free, the second ten minutes later', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'first@example.com', { language: 'de' });
    await wish(one, 'second@example.com');
    await everythingTold();
    expect(inboxOf(laundry, 'first@example.com')).toEqual([]);

    await over(token);
    const [mail] = await untilMails(laundry, 'first@example.com', 1);
    expect(mail?.subject).toMatch(/^Machine \d+ ist frei$/);
    expect(mail?.text).toContain(`${laundry.url}/pay/${one.uid}`);
    expect(mail?.text).toContain('Andere können schneller sein');
    expect(stopPath(mail)).toContain(`/pay/${one.uid}/tell-me/`);
    expect(mail?.raw.replaceAll(/\r\n\s/g, ' ')).toContain(`List-Unsubscribe: <${laundry.url}${stopPath(mail)}>`);
    expect(mail?.raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(laundry.logged()).not.toContain(stopPath(mail));
    await everythingTold();
    expect(inboxOf(laundry, 'second@example.com')).toEqual([]);

    await laundry.ahead(9 * minute);
    await untilAllSent(laundry);
    expect(inboxOf(laundry, 'second@example.com')).toEqual([]);
    await laundry.ahead(1 * minute);
    await untilMails(laundry, 'second@example.com', 1);
    await laundry.ahead(11 * minute);
    await everythingTold();
    expect(inboxOf(laundry, 'first@example.com').length).toBe(1);
    expect(inboxOf(laundry, 'second@example.com').length).toBe(1);
  });

  test('somebody uses it meanwhile: the second is told at its next end', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'early@example.com');
    await wish(one, 'late@example.com');
    await over(token);
    await untilMails(laundry, 'early@example.com', 1);
    const next = await occupied(one);
    await everythingTold();
    expect(inboxOf(laundry, 'late@example.com')).toEqual([]);
    await over(next); // five minutes after the first was told
    await untilMails(laundry, 'late@example.com', 1);
  });

  test('the first unsubscribes before: the second is told in their place', async () => {
    const [one, two] = await alike(2);
    if (one === undefined || two === undefined) throw new Error('There are no machines');
    const [onOne, onTwo] = [await occupied(one), await occupied(two)];
    await wish(one, 'annoyed@example.com', { any: false });
    await wish(two, 'annoyed@example.com', { any: false });
    await wish(two, 'glad@example.com', { any: false });
    await laundry.call('PATCH', `/api/sessions/${onOne}/end`, await admin());
    await nextLook();
    const [mail] = await untilMails(laundry, 'annoyed@example.com', 1);

    const path = stopPath(mail);
    const looked = await laundry.call('GET', path, { headers: { 'accept-language': 'en' } });
    expect(looked.text).toContain('No More of These Mails?');
    expect(await stateOf('annoyed@example.com')).toEqual(['waiting']); // a mail scanner looks, too
    const oneClick = await laundry.call('POST', path, {
      raw: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
    });
    expect([oneClick.status, oneClick.text.includes('No mail about free machines')]).toEqual([200, true]);
    expect(await stateOf('annoyed@example.com')).toEqual([]);

    expect((await wish(two, 'Annoyed@example.com', { any: false })).status).toBe(200); // as to anybody
    await over(onTwo);
    await untilMails(laundry, 'glad@example.com', 1);
    await laundry.ahead(11 * minute);
    await everythingTold();
    expect(inboxOf(laundry, 'annoyed@example.com').length).toBe(1);
    expect(inboxOf(laundry, 'Annoyed@example.com')).toEqual([]);
  });
});

describe('a machine that is free', () => {
  test('is told by one mail to a reader who asked from two browsers', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'twice@example.com');
    await wish(one, 'Twice@example.com');
    await over(token);
    await laundry.until('a mail', () => laundry.mail.mails().some(({ to }) => /^twice@/i.test(to[0] ?? '')));
    await laundry.ahead(11 * minute);
    await everythingTold();
    expect(laundry.mail.mails().filter(({ to }) => /^twice@/i.test(to[0] ?? '')).length).toBe(1);
  });

  test('tells also who waits at one like it, where any will do, and nobody else', async () => {
    const [one, two] = await alike(2);
    if (one === undefined || two === undefined) throw new Error('There are no machines');
    const onTwo = await occupied(two);
    const onOne = await occupied(one);
    expect((await wish(one, 'this-one@example.com', { any: false })).body.any).toBe(false);
    expect((await wish(one, 'any@example.com')).body.any).toBe(true);
    await laundry.call('PATCH', `/api/sessions/${onTwo}/end`, await admin());
    await nextLook();
    const [mail] = await untilMails(laundry, 'any@example.com', 1);
    expect(mail?.text).toContain(`${laundry.url}/pay/${two.uid}`);
    await everythingTold();
    expect(inboxOf(laundry, 'this-one@example.com')).toEqual([]);
    await laundry.call('PATCH', `/api/sessions/${onOne}/end`, await admin());
    await nextLook();
    await untilMails(laundry, 'this-one@example.com', 1);
  });

  test('is told of nobody while somebody is paying for it, and when they have run it', async () => {
    const one = await machine();
    const begun = await beginToPay(laundry, one.plan, { uid: one.uid });
    await wish(one, 'patient@example.com');
    await everythingTold();
    expect(inboxOf(laundry, 'patient@example.com')).toEqual([]);
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'running');
    await over(begun.token);
    await untilMails(laundry, 'patient@example.com', 1);
  });

  test('because the one who was paying went away, is told', async () => {
    const one = await machine();
    await beginToPay(laundry, one.plan, { uid: one.uid });
    await wish(one, 'lucky@example.com');
    await laundry.ahead(3 * minute + 1000);
    await untilMails(laundry, 'lucky@example.com', 1);
  });

  test('but does not answer, is told of when it does', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'remote@example.com');
    rack.setFault('Rack 1', 'offline');
    await laundry.ahead(run.minutes * minute + 1000);
    await everythingTold();
    expect(inboxOf(laundry, 'remote@example.com')).toEqual([]);
    rack.setFault('Rack 1', 'none');
    await laundry.until('the end', async () => {
      await laundry.ahead(10_000);
      return (await laundry.app.services.sessions.byToken(token))?.phase === 'completed';
    });
    await untilMails(laundry, 'remote@example.com', 1);
  });

  test('in maintenance or closed, is told of nobody', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'barred@example.com');
    const change = async (body: object) =>
      laundry.call('PATCH', `/api/devices/${one.id}`, { ...(await admin()), body });
    await change({ status: 'MAINTENANCE' });
    await over(token);
    await everythingTold();
    await change({ status: 'ACTIVE', openingHours: { kind: 'closed' } });
    await everythingTold();
    expect(inboxOf(laundry, 'barred@example.com')).toEqual([]);
    await change({ openingHours: null });
    await nextLook();
    await untilMails(laundry, 'barred@example.com', 1);
  });

  test('and bought before the mail could be sent: the mail says so', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'too-late@example.com');
    laundry.mail.setFault('down');
    await over(token);
    await laundry.until('told', async () => (await stateOf('too-late@example.com')).length === 0);
    await occupied(one);
    laundry.mail.setFault('none');
    await laundry.ahead(2 * minute);
    const [mail] = await untilMails(laundry, 'too-late@example.com', 1);
    expect(mail?.subject).toMatch(/^Machine \d+ was free, and somebody was faster$/);
  });
});

describe('a wish', () => {
  test('ends after twelve hours, and its address is forgotten', async () => {
    const one = await machine();
    const { token } = await admin();
    await occupied(one);
    await wish(one, 'forgotten@example.com');
    await laundry.call('PATCH', `/api/devices/${one.id}`, { token, body: { status: 'MAINTENANCE' } });
    await laundry.ahead(12 * 60 * minute);
    await laundry.until('forgotten', async () => (await stateOf('forgotten@example.com')).length === 0);
    await laundry.call('PATCH', `/api/devices/${one.id}`, { ...(await admin()), body: { status: 'ACTIVE' } });
    await everythingTold();
    expect(inboxOf(laundry, 'forgotten@example.com')).toEqual([]);
  });

  test('ends with its machine', async () => {
    const one = await machine();
    const token = await occupied(one);
    await wish(one, 'gone@example.com');
    await laundry.call('PATCH', `/api/sessions/${token}/end`, await admin());
    await laundry.call('DELETE', `/api/devices/${one.id}`, await admin());
    await everythingTold();
    expect(await stateOf('gone@example.com')).toEqual([]);
  });

  test('of an address is told six times a day at most', async () => {
    const one = await machine();
    for (let n = 1; n <= 7; n++) {
      const token = await occupied(one);
      expect((await wish(one, 'eager@example.com')).status).toBe(200);
      await over(token);
      await laundry.until('it is over', async () => (await stateOf('eager@example.com')).length === 0);
      await laundry.ahead(11 * minute);
    }
    await everythingTold();
    expect(inboxOf(laundry, 'eager@example.com').length).toBe(6);
  });

  test('leaves no address behind once it was told', async () => {
    const { rows } = await pool().query("select wishes::text as row from wishes where state <> 'waiting'");
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(({ row }) => row.includes('@'))).toEqual([]);
  });

  test('is forgotten altogether a month after it was over, and so is who refused', async () => {
    await pool().query("insert into wish_refusals select id, '\\x00', now() from organizations");
    laundry.clock.ahead(31 * 24 * 60 * minute);
    await laundry.app.services.wishes.forgetOld();
    expect((await pool().query("select from wishes where state <> 'waiting'")).rows.length).toBe(0);
    expect((await pool().query('select from wish_refusals')).rows.length).toBe(0);
  });
});

test('two processes look at the same lines: everybody is told once, in their turn', async () => {
  const { host, port, user, database } = pool().options;
  const other = await createApp({
    config: {
      publicUrl: laundry.url,
      trustProxy: 0,
      cronSecret: null,
      stripeBaseUrl: laundry.stripe.url,
      mail: mailConfig(laundry.mail.smtpUrl, 'laundry@keystead.test'),
    },
    connection: { host, port, user, database } as Parameters<typeof createApp>[0]['connection'],
    masterKey: Buffer.alloc(32, 7),
    clock: laundry.clock,
    log: createLog('silent'),
  });
  const engine = await other.startEngine();
  laundry.clock.ahead(61 * minute); // wishes from one address are counted by the hour
  const some = await alike(5);
  const tokens = await Promise.all(some.map(occupied));
  for (const [n, one] of some.entries()) await wish(one, `front${n}@example.com`, { any: false });
  for (const [n, one] of some.entries()) await wish(one, `back${n}@example.com`, { any: true });
  laundry.clock.ahead(run.minutes * minute + 1000);
  for (const token of tokens) await untilState(laundry, token, 'complete');
  laundry.clock.ahead(5000);
  for (const n of some.keys()) await untilMails(laundry, `front${n}@example.com`, 1);
  await everythingTold();
  for (const n of some.keys()) expect(inboxOf(laundry, `back${n}@example.com`)).toEqual([]);
  laundry.clock.ahead(11 * minute);
  for (const n of some.keys()) await untilMails(laundry, `back${n}@example.com`, 1);
  await everythingTold();
  await engine.stop();
  await other.close();
  for (const n of some.keys()) {
    expect(inboxOf(laundry, `front${n}@example.com`).length).toBe(1);
    expect(inboxOf(laundry, `back${n}@example.com`).length).toBe(1);
  }
});
