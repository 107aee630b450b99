import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { inboxOf, outbox, untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
  await laundry.call('PATCH', '/api/settings', {
    token: laundry.tokens.admin,
    body: { companyName: 'Bright Laundry', branding: { color: '#0A84FF', footerText: 'Harbour Street 12' } },
  });
});
afterEach(async () => {
  laundry.shelly.setFault('Washer 1', 'none');
  laundry.stripe.setFault('none');
  await untilAllSent(laundry);
});
afterAll(() => laundry.close());

let guests = 0;
const newGuest = (): string => `guest${++guests}@example.com`;

/** Pays on the page, as a browser that speaks this language does. */
async function payOnPage(email: string, o: { language?: string; planId?: string; form?: Record<string, string> } = {}) {
  const answer = await laundry.call('POST', `/pay/${laundry.washer.uid}`, {
    raw: new URLSearchParams({ planId: o.planId ?? laundry.washer.plans.now, email, ...o.form }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': o.language ?? 'en' },
  });
  expect(answer.status).toBe(303);
  const checkout = laundry.stripe.checkouts().find(({ url }) => url === answer.headers.get('location'));
  const token = /\/session\/([^?]+)/.exec(checkout?.successUrl ?? '')?.[1] ?? '';
  expect(await laundry.stripe.pay(checkout?.id ?? '')).toEqual({ paid: true });
  return token;
}

async function runToItsEnd(token: string): Promise<void> {
  await untilState(laundry, token, 'running');
  await laundry.ahead(61_000);
  await untilState(laundry, token, 'complete');
}

describe('a whole purchase', () => {
  test('sends the receipt and "it is done", once each, and the page opens from both', async () => {
    const email = newGuest();
    const token = await payOnPage(email);
    await untilMails(laundry, email, 1);
    await runToItsEnd(token);
    const [receipt, done] = await untilMails(laundry, email, 2);
    expect([receipt?.subject, done?.subject]).toEqual(['Receipt: €1.00 for Washer 1', 'Washer 1 is done']);
    for (const mail of [receipt, done]) {
      expect(mail?.sender).toEqual({ name: 'Bright Laundry', address: 'laundry@keystead.test' });
      for (const body of [mail?.text, mail?.html]) {
        expect(body).toContain(`${laundry.url}/session/${token}`);
        expect(body).toContain('Harbour Street 12');
        expect(body).toContain('Quick rinse · 1 min');
      }
      expect(mail?.html).toContain('lang="en"');
      expect(mail?.html).not.toMatch(/<(img|script|link|iframe)|@import|url\(/);
    }
    expect(receipt?.text).toContain('Paid: €1.00');
    expect(receipt?.text).toMatch(/Reference: pay_[0-9a-z]{26}/);
    expect(done?.text).toContain('It ran for its full 1 min.');
    await untilAllSent(laundry);
    expect((await outbox(laundry, email)).map(({ kind, state, attempts }) => [kind, state, attempts])).toEqual([
      ['receipt', 'sent', 1],
      ['done', 'sent', 1],
    ]);
    expect(inboxOf(laundry, email).length).toBe(2);
  });

  test('tells times in the zone of the place, in the language of the guest', async () => {
    const email = newGuest();
    await runToItsEnd(await payOnPage(email, { language: 'de-AT,de;q=0.9,en;q=0.5' }));
    const [receipt, done] = await untilMails(laundry, email, 2);
    expect(receipt?.subject).toBe('Beleg: €\u00a01,00 für Washer 1');
    expect(done?.subject).toBe('Washer 1 ist fertig');
    expect(done?.html).toContain('lang="de-AT"');
    const day = new Intl.DateTimeFormat('de-AT', {
      timeZone: 'Europe/Berlin',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
    });
    expect(receipt?.text).toContain(`Bezahlt am: ${day.format(laundry.clock.now() - 61_000)}`);
    expect(receipt?.text).toMatch(/Bezahlt am: .+, \d\d:\d\d MES?Z$/m); // who reads it may be elsewhere
  });

  test('for who wants no mail when it is done: the receipt alone', async () => {
    const email = newGuest();
    await runToItsEnd(await payOnPage(email, { form: { askedWhenDone: '1' } }));
    await untilAllSent(laundry);
    expect((await outbox(laundry, email)).map(({ kind }) => kind)).toEqual(['receipt']);
  });

  test('whose payment is told of again and again sends no second receipt', async () => {
    const email = newGuest();
    const begun = await beginToPay(laundry, laundry.washer.plans.now, { body: { email } });
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'running');
    for (const { id } of laundry.stripe.events()) await laundry.stripe.deliver(id, 2);
    await laundry.ahead(61_000);
    await untilState(laundry, begun.token, 'complete');
    await untilAllSent(laundry);
    expect(inboxOf(laundry, email).map(({ subject }) => subject)).toEqual([
      'Receipt: €1.00 for Washer 1',
      'Washer 1 is done',
    ]);
  });

  test('without an address on the page goes to the address that Stripe was given', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now, { body: { email: null } });
    const email = newGuest();
    const form = { email, cardNumber: '4242424242424242', expiry: '12/34', cvc: '123' };
    const paid = await fetch(begun.url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
    expect(paid.status).toBe(303);
    await untilState(laundry, begun.token, 'running');
    await untilMails(laundry, email, 1);
    await laundry.ahead(61_000);
    await untilMails(laundry, email, 2);
  });

  test('Stripe is not asked to mail a receipt as well', async () => {
    const email = newGuest();
    await runToItsEnd(await payOnPage(email));
    const told = laundry.stripe.events().findLast(({ type }) => type === 'payment_intent.succeeded');
    expect(told?.data.object).toMatchObject({ receipt_email: null });
  });
});

describe('a run that fails', () => {
  test('at its start sends the receipt and what becomes of the money, in the guest’s language', async () => {
    const email = newGuest();
    laundry.shelly.setFault('Washer 1', 'dead-relay');
    const token = await payOnPage(email, { language: 'de' });
    await laundry.until('a start', async () => (await sessionOf(laundry, token)).state === 'starting');
    await laundry.ahead(21_000);
    await untilState(laundry, token, 'failed-to-start');
    const [receipt, refund] = await untilMails(laundry, email, 2);
    expect(receipt?.subject).toBe('Beleg: 1,00\u00a0€ für Washer 1');
    expect(refund?.subject).toBe('1,00\u00a0€ kommen zurück: Washer 1 ist nicht gestartet');
    expect(refund?.text).toMatch(/1,00\s€ (sind auf dem Weg zurück auf|wurden auf) Ihre Karte/);
    expect(refund?.text).toContain('Banken brauchen bis zu 10 Tage');
    expect(refund?.text).toContain('Kommt zurück: 1,00');
    await laundry.until('the refund', () => laundry.stripe.charges().at(-1)?.amountRefunded === 100);
    await untilAllSent(laundry);
    expect(inboxOf(laundry, email).length).toBe(2);
  });

  test('is told at once although Stripe is down, and not a second time when the money is back', async () => {
    const email = newGuest();
    const token = await payOnPage(email);
    await untilState(laundry, token, 'running');
    laundry.stripe.setFault('down');
    await laundry.call('PATCH', `/api/sessions/${token}/fail`, { token: laundry.tokens.admin });
    const [, refund] = await untilMails(laundry, email, 2);
    expect(refund?.subject).toBe('€1.00 comes back to you: Washer 1 ended early');
    expect(refund?.text).toContain('€1.00 is on its way back to your card.');
    expect(refund?.text).toContain('The session was ended by the staff.');
    laundry.stripe.setFault('none');
    await laundry.ahead(31 * 60_000);
    await laundry.until('the refund', () => laundry.stripe.charges().at(-1)?.amountRefunded === 100);
    await laundry.until('the refund written down', async () => {
      const { rows } = await laundry.app.database.pool.query("select from refunds where status = 'asked'");
      return rows.length === 0;
    });
    await untilAllSent(laundry);
    expect(inboxOf(laundry, email).length).toBe(2);
  });

  test('ended by staff without a refund says how long it ran', async () => {
    const email = newGuest();
    const token = await payOnPage(email);
    await untilState(laundry, token, 'running');
    await laundry.call('PATCH', `/api/sessions/${token}/end`, {
      token: laundry.tokens.admin,
      body: { refund: false },
    });
    const [, done] = await untilMails(laundry, email, 2);
    expect(done?.subject).toBe('Washer 1 ended early');
    expect(done?.text).toContain('It ran for less than a minute of 1 min.');
  });
});

describe('nobody is written to', () => {
  test('who never paid', async () => {
    const email = newGuest();
    const begun = await beginToPay(laundry, laundry.washer.plans.now, { body: { email } });
    await laundry.ahead(45 * 60_000);
    await untilState(laundry, begun.token, 'payment-not-completed');
    expect(await outbox(laundry, email)).toEqual([]);
  });

  test.each([
    'two@a.example,three@a.example',
    'x@y.example\r\nBcc: z@y.example',
    '<x@y.example>',
    'me@nowhere',
    'a b@c.de',
  ])('at %j, which is no address: refused before anything is paid', async (email) => {
    const answer = await laundry.call('POST', `/api/public/device/${laundry.washer.uid}/intent`, {
      body: { planId: laundry.washer.plans.now, email },
    });
    expect([answer.status, answer.body.field]).toEqual([400, 'email']);
  });
});
