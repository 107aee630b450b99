// biome-ignore-all lint/style/noExcessiveLinesPerFile: one line of guests, told from its beginning to its end
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { inboxOf, untilAllSent, untilMails } from '../../support/inbox.ts';
import type { Laundry } from '../../support/laundry.ts';
import { beginToPay, untilState } from '../../support/purchase.ts';
import { openWaitingRoom, runTime, stopPath, type WaitingRoom } from '../../support/waiting-room.ts';

const minute = 60_000;

let room: WaitingRoom;
let laundry: Laundry;
beforeAll(async () => {
  room = await openWaitingRoom(20);
  ({ laundry } = room);
});
afterEach(async () => {
  laundry.mail.setFault('none');
  await pool().query(
    "update wishes set state = 'expired', look_at = null, email = null, ended_at = created_at where state = 'waiting'",
  );
  await pool().query('delete from wish_refusals');
});
afterAll(() => room.close());

const pool = () => laundry.app.database.pool;

describe('two guests who wait for one machine', () => {
  test('the first gets one mail when it is free, the second ten minutes later', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'first@example.com', { language: 'de' });
    await room.wish(one, 'second@example.com');
    await room.everythingTold();
    expect(inboxOf(laundry, 'first@example.com')).toEqual([]);

    await room.over(token);
    const [mail] = await untilMails(laundry, 'first@example.com', 1);
    expect(mail?.subject).toMatch(/^Machine \d+ ist frei$/);
    expect(mail?.text).toContain(`${laundry.url}/pay/${one.uid}`);
    expect(mail?.text).toContain('Andere können schneller sein');
    expect(stopPath(mail)).toContain(`/pay/${one.uid}/tell-me/`);
    expect(mail?.raw.replaceAll(/\r\n\s/g, ' ')).toContain(`List-Unsubscribe: <${laundry.url}${stopPath(mail)}>`);
    expect(mail?.raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(laundry.logged()).not.toContain(stopPath(mail));
    await room.everythingTold();
    expect(inboxOf(laundry, 'second@example.com')).toEqual([]);

    await laundry.ahead(9 * minute);
    await untilAllSent(laundry);
    expect(inboxOf(laundry, 'second@example.com')).toEqual([]);
    await laundry.ahead(1 * minute);
    await untilMails(laundry, 'second@example.com', 1);
    await laundry.ahead(11 * minute);
    await room.everythingTold();
    expect(inboxOf(laundry, 'first@example.com').length).toBe(1);
    expect(inboxOf(laundry, 'second@example.com').length).toBe(1);
  });

  test('somebody uses it meanwhile: the second is told at its next end', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'early@example.com');
    await room.wish(one, 'late@example.com');
    await room.over(token);
    await untilMails(laundry, 'early@example.com', 1);
    const next = await room.occupied(one);
    await room.everythingTold();
    expect(inboxOf(laundry, 'late@example.com')).toEqual([]);
    await room.over(next); // five minutes after the first was told
    await untilMails(laundry, 'late@example.com', 1);
  });

  test('the first unsubscribes before: the second is told in their place', async () => {
    const [one, two] = await room.pair();
    const [onOne, onTwo] = [await room.occupied(one), await room.occupied(two)];
    await room.wish(one, 'annoyed@example.com', { any: false });
    await room.wish(two, 'annoyed@example.com', { any: false });
    await room.wish(two, 'glad@example.com', { any: false });
    await laundry.call('PATCH', `/api/sessions/${onOne}/end`, await room.admin());
    await room.nextLook();
    const [mail] = await untilMails(laundry, 'annoyed@example.com', 1);

    const path = stopPath(mail);
    const looked = await laundry.call('GET', path, { headers: { 'accept-language': 'en' } });
    expect(looked.text).toContain('No More of These Mails?');
    expect(await room.statesOf('annoyed@example.com')).toEqual(['waiting']); // a mail scanner looks, too
    const oneClick = await laundry.call('POST', path, {
      raw: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
    });
    expect([oneClick.status, oneClick.text.includes('No mail about free machines')]).toEqual([200, true]);
    expect(await room.statesOf('annoyed@example.com')).toEqual([]);

    expect((await room.wish(two, 'Annoyed@example.com', { any: false })).status).toBe(200); // as to anybody
    await room.over(onTwo);
    await untilMails(laundry, 'glad@example.com', 1);
    await laundry.ahead(11 * minute);
    await room.everythingTold();
    expect(inboxOf(laundry, 'annoyed@example.com').length).toBe(1);
    expect(inboxOf(laundry, 'Annoyed@example.com')).toEqual([]);
  });
});

describe('a machine that is free', () => {
  test('is told by one mail to a reader who asked from two browsers', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'twice@example.com');
    await room.wish(one, 'Twice@example.com');
    await room.over(token);
    await laundry.until('a mail', () => laundry.mail.mails().some(({ to }) => /^twice@/i.test(to[0] ?? '')));
    await laundry.ahead(11 * minute);
    await room.everythingTold();
    expect(laundry.mail.mails().filter(({ to }) => /^twice@/i.test(to[0] ?? '')).length).toBe(1);
  });

  test('tells also who waits at one like it, where any will do, and nobody else', async () => {
    const [one, two] = await room.pair();
    const onTwo = await room.occupied(two);
    const onOne = await room.occupied(one);
    expect((await room.wish(one, 'this-one@example.com', { any: false })).body.any).toBe(false);
    expect((await room.wish(one, 'any@example.com')).body.any).toBe(true);
    await laundry.call('PATCH', `/api/sessions/${onTwo}/end`, await room.admin());
    await room.nextLook();
    const [mail] = await untilMails(laundry, 'any@example.com', 1);
    expect(mail?.text).toContain(`${laundry.url}/pay/${two.uid}`);
    await room.everythingTold();
    expect(inboxOf(laundry, 'this-one@example.com')).toEqual([]);
    await laundry.call('PATCH', `/api/sessions/${onOne}/end`, await room.admin());
    await room.nextLook();
    await untilMails(laundry, 'this-one@example.com', 1);
  });

  test('is told of nobody while somebody is paying for it, and when they have run it', async () => {
    const one = await room.machine();
    const begun = await beginToPay(laundry, one.plan, { uid: one.uid });
    await room.wish(one, 'patient@example.com');
    await room.everythingTold();
    expect(inboxOf(laundry, 'patient@example.com')).toEqual([]);
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'running');
    await room.over(begun.token);
    await untilMails(laundry, 'patient@example.com', 1);
  });

  test('because the one who was paying went away, is told', async () => {
    const one = await room.machine();
    await beginToPay(laundry, one.plan, { uid: one.uid });
    await room.wish(one, 'lucky@example.com');
    await laundry.ahead(3 * minute + 1000);
    await untilMails(laundry, 'lucky@example.com', 1);
  });

  test('but does not answer, is told of when it does', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'remote@example.com');
    room.rack.setFault('Rack 1', 'offline');
    await laundry.ahead(runTime + 1000);
    await room.everythingTold();
    expect(inboxOf(laundry, 'remote@example.com')).toEqual([]);
    room.rack.setFault('Rack 1', 'none');
    await laundry.until('the end', async () => {
      await laundry.ahead(10_000);
      return (await laundry.app.services.sessions.byToken(token))?.phase === 'completed';
    });
    await untilMails(laundry, 'remote@example.com', 1);
  });

  test('in maintenance or closed, is told of nobody', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'barred@example.com');
    const change = async (body: object) =>
      laundry.call('PATCH', `/api/devices/${one.id}`, { ...(await room.admin()), body });
    await change({ status: 'MAINTENANCE' });
    await room.over(token);
    await room.everythingTold();
    await change({ status: 'ACTIVE', openingHours: { kind: 'closed' } });
    await room.everythingTold();
    expect(inboxOf(laundry, 'barred@example.com')).toEqual([]);
    await change({ openingHours: null });
    await room.nextLook();
    await untilMails(laundry, 'barred@example.com', 1);
  });

  test('and bought before the mail could be sent: the mail says so', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'too-late@example.com');
    laundry.mail.setFault('down');
    await room.over(token);
    await laundry.until('told', async () => (await room.statesOf('too-late@example.com')).length === 0);
    await room.occupied(one);
    laundry.mail.setFault('none');
    await laundry.ahead(2 * minute);
    const [mail] = await untilMails(laundry, 'too-late@example.com', 1);
    expect(mail?.subject).toMatch(/^Machine \d+ was free, and somebody was faster$/);
  });
});

describe('a wish', () => {
  test('ends after twelve hours, and its address is forgotten', async () => {
    const one = await room.machine();
    const { token } = await room.admin();
    await room.occupied(one);
    await room.wish(one, 'forgotten@example.com');
    await laundry.call('PATCH', `/api/devices/${one.id}`, { token, body: { status: 'MAINTENANCE' } });
    await laundry.ahead(12 * 60 * minute);
    await laundry.until('forgotten', async () => (await room.statesOf('forgotten@example.com')).length === 0);
    await laundry.call('PATCH', `/api/devices/${one.id}`, { ...(await room.admin()), body: { status: 'ACTIVE' } });
    await room.everythingTold();
    expect(inboxOf(laundry, 'forgotten@example.com')).toEqual([]);
  });

  test('ends with its machine', async () => {
    const one = await room.machine();
    const token = await room.occupied(one);
    await room.wish(one, 'gone@example.com');
    await laundry.call('PATCH', `/api/sessions/${token}/end`, await room.admin());
    await laundry.call('DELETE', `/api/devices/${one.id}`, await room.admin());
    await room.everythingTold();
    expect(await room.statesOf('gone@example.com')).toEqual([]);
  });

  test('of an address is told six times a day at most', async () => {
    const one = await room.machine();
    for (let n = 1; n <= 7; n++) {
      const token = await room.occupied(one);
      expect((await room.wish(one, 'eager@example.com')).status).toBe(200);
      await room.over(token);
      await laundry.until('it is over', async () => (await room.statesOf('eager@example.com')).length === 0);
      await laundry.ahead(11 * minute);
    }
    await room.everythingTold();
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
