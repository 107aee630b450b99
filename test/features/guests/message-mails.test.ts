import { afterAll, beforeAll, expect, test } from 'vitest';
import { inboxOf, untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, untilState } from '../../support/purchase.ts';
import { ask } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
  await ask(laundry, 'PATCH /api/settings', { noticeMail: { to: ['owner@example.com'] } });
});
afterAll(() => laundry.close());

const say = (token: string, body: object) =>
  ask(laundry, `POST /api/public/sessions/${token}/message`, body, { token: null });

test('a machine that did not start, a guest who says so, and the owner who reads it', async () => {
  laundry.shelly.setFault('Washer 1', 'dead-relay');
  const begun = await beginToPay(laundry, laundry.washer.plans.now);
  await laundry.stripe.pay(begun.checkoutId);
  await laundry.until('it is given up', async () => {
    await laundry.ahead(10_000);
    const { body } = await ask(laundry, `GET /api/public/sessions/${begun.token}`, undefined, { token: null });
    return body.state === 'failed-to-start';
  });
  laundry.shelly.setFault('Washer 1', 'none');
  const text = 'Subject: gotcha\r\nBcc: victim@example.com\r\n\r\n<img src=x onerror=alert(1)> The door was open.';
  expect((await say(begun.token, { text, email: 'guest@example.com' })).status).toBe(200);
  expect((await say(begun.token, { text, email: 'guest@example.com' })).status).toBe(200);
  await laundry.ahead(60_000);
  await laundry.until('the mail', () =>
    inboxOf(laundry, 'owner@example.com').some(({ text: said }) => said.includes('gotcha')),
  );
  const mails = inboxOf(laundry, 'owner@example.com').filter(({ text: said }) => said.includes('gotcha'));
  expect(mails.length).toBe(1);
  const [mail] = mails;
  expect(mail?.subject).not.toContain('gotcha');
  expect(mail?.to).toEqual(['owner@example.com']);
  expect(mail?.text).toContain('Washer 1: “Subject: gotcha\nBcc: victim@example.com');
  expect(mail?.text).toContain('An answer reaches the guest at guest@example.com.');
  expect(mail?.html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(mail?.html).not.toContain('<img');
  expect(inboxOf(laundry, 'victim@example.com')).toEqual([]);
});

test('what the guest adds later is mailed as well', async () => {
  const { token } = await beginToPay(laundry, laundry.washer.plans.free);
  await untilState(laundry, token, 'running');
  await ask(laundry, `PATCH /api/sessions/${token}/end`);
  const before = inboxOf(laundry, 'owner@example.com').length;
  await say(token, { text: 'It leaks.' });
  await laundry.ahead(60_000);
  const [first] = (await untilMails(laundry, 'owner@example.com', before + 1)).slice(before);
  expect(first?.subject).toBe('Washer 1: a guest has written');
  await say(token, { text: 'All over the floor.' });
  await laundry.ahead(60_000);
  const [second] = (await untilMails(laundry, 'owner@example.com', before + 2)).slice(before + 1);
  expect(second?.text).toContain('All over the floor.');
  expect(second?.text).toContain('The guest left no address for an answer.');
  await untilAllSent(laundry);
  expect(inboxOf(laundry, 'owner@example.com').length).toBe(before + 2);
});
