import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import { phone } from './visitor.ts';

const minute = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ at: Date.parse('2026-06-12T10:00:00Z') }); // a Friday, 12:00 in Berlin
});
afterEach(async () => {
  await hours({ openingHours: null, holidays: null });
  await stage.clear();
});
afterAll(() => stage.close());

async function hours(body: Record<string, unknown>): Promise<void> {
  const { laundry } = stage;
  const answer = await laundry.call('PATCH', `/api/locations/${laundry.locationId}`, {
    token: laundry.tokens.admin,
    body,
  });
  expect(answer.status).toBe(200);
}
/** What the clock in Berlin shows so many minutes from now. */
const clockIn = (minutes: number): string =>
  new Date(stage.laundry.clock.now() + 2 * 60 * minute + minutes * minute).toISOString().slice(11, 16);
const every = (opens: string, closes: string) => {
  const day = [{ opens, closes }];
  return {
    kind: 'weekly',
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: day,
    saturday: day,
    sunday: day,
  };
};

test('when it is closed the page says calmly when it opens, sells nothing, and sells once it is open', async () => {
  const opens = clockIn(3);
  await hours({ openingHours: every(opens, '22:00'), holidays: [{ date: '2026-06-14', name: 'Founders’ day' }] });
  const guest = await stage.guest();
  await guest.seesTitle('Closed');
  await guest.sees(`It opens again: ${opens}.`, 'Programs and prices');
  expect(await guest.page.getByRole('button').count()).toBe(0);
  expect(await guest.page.getByRole('radio').count()).toBe(0);
  await guest.tap('Opening hours');
  await guest.sees('Friday', `${opens}–22:00`, 'Founders’ day', 'Central European Summer Time');
  expect(stage.checkouts()).toEqual([]);

  await stage.laundry.ahead(3 * minute);
  await guest.page.reload();
  await guest.sees('Ready to use', 'Open until 22:00');
});

test('on a holiday the page says which, and sells nothing although the week says open', async () => {
  const holidays = [{ date: '2026-06-12', name: 'Harbour festival' }];
  await hours({ openingHours: every('00:00', '23:00'), holidays });
  const guest = await stage.guest();
  await guest.seesTitle('Closed');
  await guest.sees('Today: Harbour festival.', 'It opens again: Sat 13 Jun, 00:00.');
  expect(await guest.page.getByRole('button').count()).toBe(0);
  expect(stage.checkouts()).toEqual([]);
});

test('shortly before closing only what fits can be chosen, and the rest says why', async () => {
  const closes = clockIn(30);
  await hours({ openingHours: every('00:00', closes) });
  const guest = await stage.guest();
  await guest.sees('Ready to use', `Open until ${closes}`, `This program takes 1 h 5 min; we close at ${closes}.`);
  const wash = guest.page.getByRole('radio', { name: /Standard wash/ });
  expect(await wash.isDisabled()).toBe(true);
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard('4242 4242 4242 4242');
  await guest.seesTitle('Running');
  await hours({ openingHours: { kind: 'closed' } });
  await guest.page.reload();
  await guest.seesTitle('Running');
  await guest.page.goto(stage.washerUrl);
  await guest.seesTitle('In Use by You');
});

test('who chose while it still fitted and presses too late is told, and chooses another', async () => {
  const { laundry } = stage;
  const closes = clockIn(70);
  await hours({ openingHours: every('00:00', closes) });
  const guest = await stage.guest();
  guest.expectTrouble(/409 \(Conflict\)/);
  await guest.tap('Standard wash');
  await laundry.ahead(10 * minute);
  await guest.tap('Pay €2.50');
  await guest.sees('This program does not fit before closing time any more.', `we close at ${closes}.`);
  expect(stage.checkouts()).toEqual([]);
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.sees('Simulated Stripe page');
});

test('works without a script, in German, in the dark', async () => {
  await hours({ openingHours: every(clockIn(-60), clockIn(-1)) });
  const guest = await stage.guest({ ...phone, javaScriptEnabled: false, colorScheme: 'dark', locale: 'de-DE' });
  await guest.seesTitle('Geschlossen');
  await guest.sees('Wieder geöffnet ab:');
  await guest.page.locator('summary', { hasText: 'Öffnungszeiten' }).tap();
  await guest.sees('Freitag', 'Mitteleuropäische Sommerzeit');
});
