import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const good = '4242 4242 4242 4242';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

test('while somebody pays the machine is kept for them; they come back and go on', async () => {
  const first = await stage.guest();
  await first.tap('Quick rinse');
  await first.tap('Pay €1.00');
  await first.sees('Simulated Stripe page');

  const second = await stage.guest();
  await second.seesTitle('Somebody Is Paying');
  await second.sees('Programs and prices', 'This page opens by itself when the machine is free.');
  expect(await second.page.getByRole('button').count()).toBe(0);
  expect(await second.page.getByRole('timer').innerText()).toMatch(/^[0-3]:\d\d$/);

  await first.page.goBack();
  await first.seesTitle('Kept for You');
  await first.tap('Continue paying €1.00');
  await first.payByCard(good);
  await first.seesTitle('Running');
  await second.seesTitle('In Use');
  expect(stage.checkouts()).toHaveLength(1);
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);
});

test('who does not pay within three minutes lets another in, and is not charged for a machine that is gone', async () => {
  const first = await stage.guest();
  await first.tap('Quick rinse');
  await first.tap('Pay €1.00');
  await first.sees('Simulated Stripe page');
  const second = await stage.guest();
  await second.seesTitle('Somebody Is Paying');

  await stage.laundry.ahead(3 * 60_000);
  await second.sees('Ready to use');
  await second.tap('Quick rinse');
  await second.tap('Pay €1.00');
  await second.payByCard(good);
  await second.seesTitle('Running');

  await stage.laundry.until('the first checkout is closed', () => stage.checkouts()[0]?.status === 'expired');
  await first.payByCard(good);
  await first.sees('This page has expired', 'Nothing was charged.');
  await first.tap('Go back');
  await first.seesTitle('In Use');
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);
});

test('a machine in use says until when, and is for sale again by itself', async () => {
  const first = await stage.guest();
  await first.tap('Quick rinse');
  await first.tap('Pay €1.00');
  await first.payByCard(good);
  await first.seesTitle('Running');

  await stage.laundry.ahead(56_000);
  const second = await stage.guest();
  await second.seesTitle('In Use');
  await second.sees('The machine is running. It should be free at', 'until it should be free', 'Programs and prices');
  await second.sees('Ready to use');
  await first.seesTitle('Session Complete');
});

test('who closed the page finds their session by the code on the machine, and afterwards how it ended', async () => {
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Running');
  await guest.page.goto(stage.washerUrl);
  await guest.seesTitle('In Use by You');
  await guest.tap('Show my session');
  await guest.seesTitle('Running');
  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
  await guest.tap('Start again');
  await guest.sees('Ready to use');
  await guest.tap('Your last session on this machine');
  await guest.seesTitle('Session Complete');
});

test('a machine that is looked after takes no payments, and says so', async () => {
  const { laundry } = stage;
  const setStatus = (status: string) =>
    laundry.call('PATCH', `/api/devices/${laundry.washer.id}`, { token: laundry.tokens.admin, body: { status } });
  expect((await setStatus('MAINTENANCE')).status).toBe(200);
  const guest = await stage.guest();
  await guest.seesTitle('Device Currently Unavailable');
  await guest.sees('This machine is being looked after and takes no payments right now.');
  expect(await guest.page.getByRole('button').count()).toBe(0);
  await setStatus('ACTIVE');
  await guest.page.reload();
  await guest.sees('Ready to use');
});

test('a code that leads nowhere is answered kindly', async () => {
  const guest = await stage.visitor();
  guest.expectTrouble(/404 \(Not Found\)/);
  for (const path of ['/pay/0000000000000000', '/session/nothing', '/some/where']) {
    const answer = await guest.page.goto(stage.laundry.url + path);
    expect(answer?.status()).toBe(404);
    await guest.seesTitle('Access point not found');
    await guest.sees('Please scan the code on the machine or door again.');
  }
});
