import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import { phone } from './visitor.ts';

const good = '4242 4242 4242 4242';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** A guest whose hour is under way. */
async function running(options?: BrowserContextOptions) {
  const guest = await stage.guest(options);
  await guest.tap('Standard wash');
  await guest.tap(options?.javaScriptEnabled === false ? 'Continue to payment' : 'Pay €2.50');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  await stage.laundry.ahead(5 * 60_000);
  await guest.seesTitle('Running');
  return guest;
}

test('a guest buys more time for a running machine, and the page and the device follow', async () => {
  const guest = await running();
  await guest.sees('Need more time?', 'Standard wash · 1 h');
  // two programs of a minute differ in their delay alone, which is nothing to who adds time
  expect(await guest.page.getByRole('button', { name: 'Add 1 min · €1.00' }).count()).toBe(1);
  await guest.tap('Add 1 h · €2.50');
  await guest.sees('Washer 1: + Standard wash', '€2.50');
  await guest.payByCard(good);
  await guest.seesTitle('Running');
  await guest.sees('1 h added.', 'Standard wash · 2 h', '€5.00');
  await stage.laundry.until('the timer of the device', () => (stage.relay().timerDuration ?? 0) > 3700);
  await stage.laundry.ahead(121 * 60_000);
  await guest.seesTitle('Session Complete');
  await guest.sees('It ran for its full 2 h. Thank you!');
  expect(stage.charges()).toMatchObject([{ amountRefunded: 0 }, { amountRefunded: 0 }]);
});

test('who thinks better of it comes back to the running machine, with nothing added', async () => {
  const guest = await running();
  await guest.tap('Add 1 h · €2.50');
  await guest.tap('← Back');
  await guest.seesTitle('Running');
  await guest.sees('Need more time?', 'Standard wash · 1 h');
  expect(stage.charges()).toHaveLength(1);
});

test('who asks too late is told so, and pays nothing', async () => {
  const guest = await running();
  guest.expectTrouble(/409 \(Conflict\)/);
  await guest.page.evaluate(() => window.stop());
  await guest.page.route(/fragment=1|\/api\/public/, (route) => route.abort());
  guest.expectTrouble(/ERR_FAILED/);
  await stage.laundry.ahead(59.5 * 60_000);
  await guest.tap('Add 1 h · €2.50');
  await guest.sees('More time cannot be added now. Nothing was charged.');
  expect(stage.charges()).toHaveLength(1);

  await guest.page.unroute(/fragment=1|\/api\/public/);
  await stage.laundry.ahead(31_000);
  await guest.seesTitle('Session Complete'); // the page, at the address of its form, has gone on following the run
  await guest.tap('Deutsch');
  await guest.seesTitle('Fertig');
});

test('without a script, too, who asks too late stays on the page of the run', async () => {
  const guest = await running({ ...phone, javaScriptEnabled: false });
  guest.expectTrouble(/409 \(Conflict\)/);
  await stage.laundry.ahead(59.8 * 60_000);
  await guest.tap('Add 1 h · €2.50');
  await guest.page.getByRole('alert').filter({ hasText: 'More time cannot be added now.' }).waitFor();
  await stage.laundry.ahead(13_000);
  await guest.seesTitle('Session Complete'); // it has renewed itself
  expect(new URL(guest.page.url()).pathname).toMatch(/^\/session\/[^/]+$/);
});
