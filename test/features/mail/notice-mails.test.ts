import { afterAll, beforeAll, expect, test } from 'vitest';
import { inboxOf, outbox, untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
});
afterAll(() => laundry.close());

const minute = 60_000;
const organizationId = async () => {
  const first = await laundry.app.services.organizations.first();
  if (first === null) throw new Error('There is no organization');
  return first.id;
};
type Kind = Parameters<Laundry['app']['services']['notices']['raise']>[2];
const raise = async (kind: Kind, subject: string) => {
  const id = await organizationId();
  await laundry.app.database.transaction('test-raise', (tx) =>
    laundry.app.services.notices.raise(tx, id, kind, subject, {}),
  );
};
const clear = async (kind: Kind, subject: string) => {
  const id = await organizationId();
  await laundry.app.database.transaction('test-clear', (tx) =>
    laundry.app.services.notices.clear(tx, id, kind, subject),
  );
};
const tell = (noticeMail: object) => ask(laundry, 'PATCH /api/settings', { noticeMail });
const all = async () => (await laundry.app.database.pool.query('select from mails')).rows.length;

test('nobody is told until an address is set', async () => {
  await raise('device-offline', laundry.dryer.id);
  expect(await all()).toBe(0);
  await clear('device-offline', laundry.dryer.id);
});

test('one notice is one mail, in the language set, with the machine’s name', async () => {
  const changed = await tell({ to: ['owner@example.com', 'owner@example.com'], language: 'de' });
  expect(changed.body.noticeMail).toEqual({ to: ['owner@example.com'], kinds: null, language: 'de' });
  await raise('device-offline', laundry.dryer.id);
  await raise('device-offline', laundry.dryer.id);
  await laundry.ahead(minute);
  const [mail] = await untilMails(laundry, 'owner@example.com', 1);
  expect(mail?.subject).toBe('Dryer: nicht erreichbar');
  expect(mail?.text).toContain(`${laundry.url}/console`);
  await untilAllSent(laundry);
});

test('what comes and goes again and again within the hour is told once', async () => {
  await laundry.ahead(60 * minute); // an hour after the last mail
  for (let n = 0; n < 4; n++) {
    await clear('device-offline', laundry.dryer.id);
    await raise('device-offline', laundry.dryer.id);
  }
  await laundry.ahead(minute);
  await untilMails(laundry, 'owner@example.com', 2);
  await untilAllSent(laundry);
  expect(inboxOf(laundry, 'owner@example.com').length).toBe(2);
});

test('many within a minute go as one mail, to each reader', async () => {
  await tell({ to: ['one@example.com', 'two@example.com'], language: 'en' });
  for (let n = 0; n < 5; n++) await raise('payment-mismatch', `pay_${n}`);
  await raise('device-offline', laundry.washer.id);
  await laundry.ahead(minute);
  for (const reader of ['one@example.com', 'two@example.com']) {
    const [mail] = await untilMails(laundry, reader, 1);
    expect(mail?.subject).toBe('6 things need attention');
    expect(mail?.text).toContain('Washer 1: offline: since ');
  }
  await untilAllSent(laundry);
  expect(inboxOf(laundry, 'one@example.com').length).toBe(1);
  expect((await outbox(laundry, 'one@example.com')).map(({ state }) => state).sort()).toEqual([
    ...Array(5).fill('bundled'),
    'sent',
  ]);
});

test('only of the kinds that were chosen', async () => {
  await tell({ to: ['picky@example.com'], kinds: ['refund-failed'] });
  await raise('payment-mismatch', 'pay_other');
  await raise('refund-failed', 'pay_other');
  await laundry.ahead(minute);
  const [mail] = await untilMails(laundry, 'picky@example.com', 1);
  expect(mail?.subject).toBe('refund failed');
});

test('the addresses stand in the audit as facts about people, which can be erased', async () => {
  const { rows } = await laundry.app.database.pool.query(
    "select * from audit_entries x where x::text like '%example.com%'",
  );
  expect(rows).toEqual([]);
  const personal = await laundry.app.database.pool.query(
    "select from audit_personal x where x::text like '%picky@example.com%'",
  );
  expect(personal.rows.length).toBeGreaterThan(0);
});

const path = 'PATCH /api/settings';
test.each<Refusal>([
  ['an address that is none', path, { noticeMail: { to: ['nobody'] } }, 400, 'VALIDATION_ERROR', 'noticeMail.to'],
  ['two in one', path, { noticeMail: { to: ['a@x.de,b@x.de'] } }, 400, 'VALIDATION_ERROR', 'noticeMail.to'],
  [
    'a language nobody speaks',
    path,
    { noticeMail: { language: 'xx' } },
    400,
    'VALIDATION_ERROR',
    'noticeMail.language',
  ],
  ['eleven readers', path, { noticeMail: { to: Array(11).fill('a@x.de') } }, 400, 'VALIDATION_ERROR', 'noticeMail.to'],
])('%s: refused', async (...refusal) => {
  await laundry.until('no mail is on its way', async () => {
    const { rows } = await laundry.app.database.pool.query("select from mails where state in ('waiting', 'sending')");
    return rows.length === 0;
  });
  await expectRefused(laundry, refusal);
});
