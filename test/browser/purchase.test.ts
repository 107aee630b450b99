import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import type { Visitor } from './visitor.ts';

const good = '4242 4242 4242 4242';
const declined = '4000 0000 0000 0002';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const shownSeconds = async ({ page }: Visitor): Promise<number> => {
  const [minutes = 0, seconds = 0] = (await page.getByRole('timer').innerText()).split(':').map(Number);
  return minutes * 60 + seconds;
};

test('a guest scans the code, pays, sees the time go down and the end come, without a reload by hand', async () => {
  const guest = await stage.guest();
  await guest.seesTitle('Washer 1');
  await guest.sees('Harbour Street', 'Ready to use', 'If it does not start, your money comes back by itself.');
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.sees('Simulated Stripe page', 'Washer 1: Quick rinse', '€1.00');
  expect(stage.relay().output).toBe(false);
  await guest.payByCard(good);

  await guest.seesTitle('Running');
  await guest.sees('Finishes at', 'You can close this page. The machine stops by itself.');
  expect(stage.relay()).toMatchObject({ output: true, timerDuration: 60 });
  await guest.page.evaluate(() => Object.assign(window, { neverReloaded: true }));
  const first = await shownSeconds(guest);
  expect(first).toBeLessThanOrEqual(60);
  await stage.laundry.until('the time goes down', async () => (await shownSeconds(guest)) < first);
  expect(await guest.page.title()).toMatch(/^0:\d\d · Running · Washer 1$/);

  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
  await guest.sees('It ran for its full 1 min. Thank you!');
  expect(await guest.page.evaluate(() => 'neverReloaded' in window)).toBe(true);
  expect(await guest.page.title()).toBe('Session Complete · Washer 1');
  expect(stage.relay().output).toBe(false);
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);

  await guest.tap('Start again');
  await guest.sees('Ready to use');
});

test('a plan with a delay says when it starts, and starts by itself', async () => {
  const guest = await stage.guest();
  await guest.sees('Starts 1 minute after payment, so you can load it');
  await guest.tap('Quick rinse, load first');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);

  await guest.seesTitle('Load the Machine Now');
  await guest.sees('starts in', 'It starts by itself at');
  expect(await shownSeconds(guest)).toBeLessThanOrEqual(60);
  expect(stage.relay().output).toBe(false);

  await stage.laundry.ahead(60_000);
  await guest.seesTitle('Running');
  await guest.sees('left');
  expect(stage.relay().output).toBe(true);
  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
  expect(stage.relay().output).toBe(false);
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);
});

test('a declined card costs nothing, and another card pays for the same start', async () => {
  const guest = await stage.guest();
  guest.expectTrouble(/402 \(Payment Required\)/); // so does Stripe's page answer a declined card
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard(declined);
  await guest.page.getByRole('alert').filter({ hasText: 'declined' }).waitFor();
  expect(stage.charges()).toEqual([]);
  expect(stage.relay().output).toBe(false);

  await guest.payByCard(good);
  await guest.seesTitle('Running');
  expect(stage.relay().output).toBe(true);
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);
  expect(stage.checkouts()).toHaveLength(1);
});

test('a guest who comes back from the checkout without paying is told so, and can go on or change their mind', async () => {
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.tap('← Back');
  await guest.sees('You came back without paying. Nothing was charged.', 'Kept for You');
  expect(stage.charges()).toEqual([]);

  await guest.tap('Continue paying €1.00');
  await guest.sees('Simulated Stripe page');
  expect(stage.checkouts()).toHaveLength(1);
  await guest.tap('← Back');
  await guest.tap('Choose another program');
  await guest.tap('Standard wash');
  await guest.tap('Pay €2.50');
  await guest.sees('Washer 1: Standard wash', '€2.50');
  await stage.laundry.until('the first checkout is closed', () =>
    stage.checkouts().some(({ amount, status }) => amount === 100 && status === 'expired'),
  );
});

test('a free program starts at once, without a checkout', async () => {
  const guest = await stage.guest();
  await guest.tap('Airing');
  await guest.tap('Start');
  await guest.seesTitle('Running');
  await guest.sees('Free');
  expect(stage.relay()).toMatchObject({ output: true, timerDuration: 120 });
  expect(stage.checkouts()).toEqual([]);
  await stage.laundry.ahead(121_000);
  await guest.seesTitle('Session Complete');
  expect(stage.relay().output).toBe(false);
});
