import { afterAll, beforeAll, expect, test } from 'vitest';
import { inboxOf, untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true, at: Date.parse('2026-06-12T12:58:00Z') });
  await ask(laundry, 'PATCH /api/settings', { noticeMail: { to: [reader] } });
});
afterAll(() => laundry.close());

const reader = 'owner@example.com';
const minute = 60_000;
const change = async (what: 'raise' | 'clear'): Promise<void> => {
  const { notices, organizations } = laundry.app.services;
  const id = (await organizations.first())?.id;
  if (id === undefined) throw new Error('There is no organization');
  await laundry.app.database.transaction('test-notice', (tx) =>
    what === 'raise' ? notices.raise(tx, id, 'dispute', 'pay_one', {}) : notices.clear(tx, id, 'dispute', 'pay_one'),
  );
};
const comeAndGo = async (): Promise<void> => {
  await change('clear');
  await change('raise');
};
const dismiss = async (): Promise<void> => {
  const [one] = (await ask(laundry, 'GET /api/notices?kind=dispute')).body;
  expect((await ask(laundry, `POST /api/notices/${one.id}/dismiss`)).status).toBe(200);
};
const heldBack = async (): Promise<number> =>
  (await laundry.app.database.pool.query("select from mails where state in ('waiting', 'sending')")).rows.length;
const mails = (): number => inboxOf(laundry, reader).length;
/** Goes on by so many minutes, until the reader has so many mails and none is under way. */
const after = async (minutes: number, count: number): Promise<void> => {
  await laundry.ahead(minutes * minute);
  await untilMails(laundry, reader, count);
  await untilAllSent(laundry);
  expect(mails()).toBe(count);
};

test('what is told at 12:59 is not told again at 13:01, however it comes and goes', async () => {
  await change('raise');
  await after(1, 1);
  for (let n = 0; n < 4; n++) {
    await laundry.ahead(2 * minute);
    await comeAndGo();
  }
  await laundry.ahead(50 * minute); // 13:57
  expect(await heldBack()).toBe(1);
  expect(mails()).toBe(1);
});

test('at the end of sixty minutes the reader hears what stands', async () => {
  await after(2, 2);
});

test('and nothing where it is over by then', async () => {
  await comeAndGo();
  expect(await heldBack()).toBe(1);
  await change('clear');
  await after(61, 2);
});

test('what was not told is no reason for quiet', async () => {
  await change('raise');
  await after(1, 3);
});

test('nothing is told where somebody has seen it by then', async () => {
  await comeAndGo();
  expect(await heldBack()).toBe(1);
  await dismiss();
  await after(61, 3);
});

test('a new one, after one that was dismissed, is told when the hour is over', async () => {
  await comeAndGo();
  await after(1, 4);
  await dismiss();
  await comeAndGo();
  await laundry.ahead(58 * minute);
  expect(await heldBack()).toBe(1);
  expect(mails()).toBe(4);
  await after(2, 5);
});

test('what is held back does not go with the mail of another thing before its time', async () => {
  await laundry.ahead(30 * minute);
  await comeAndGo();
  const id = (await laundry.app.services.organizations.first())?.id;
  if (id === undefined) throw new Error('There is no organization');
  await laundry.app.database.transaction('test-raise', (tx) =>
    laundry.app.services.notices.raise(tx, id, 'dispute', 'pay_two', {}),
  );
  await laundry.ahead(minute);
  await untilMails(laundry, reader, 6);
  await laundry.until('the other one alone is held back', async () => (await heldBack()) === 1);
  await after(30, 7);
});
