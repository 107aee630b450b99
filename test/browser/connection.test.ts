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

test('without JavaScript a guest can choose, pay, and see what the machine does', async () => {
  const { laundry } = stage;
  const guest = await stage.guest({ ...phone, javaScriptEnabled: false });
  await guest.tap('Quick rinse');
  await guest.tap('Continue to payment');
  await guest.sees('Simulated Stripe page');
  // the news of the payment is late, and Stripe cannot be asked
  laundry.stripe.holdWebhooks(true);
  laundry.stripe.setFault('server-error');
  await guest.payByCard(good);
  await guest.seesTitle('Waiting for Your Payment');
  await guest.sees('Your payment is not lost.');
  expect(stage.relay().output).toBe(false);

  laundry.stripe.setFault('none');
  laundry.stripe.holdWebhooks(false);
  await guest.seesTitle('Running'); // the page has asked again by itself
  await guest.sees('left');
  expect(stage.relay().output).toBe(true);

  await laundry.ahead(56_000);
  await guest.page.reload();
  await guest.seesTitle('Session Complete');
  expect(stage.relay().output).toBe(false);
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);
});

test('without JavaScript a form that is refused comes back with its reason and what was typed', async () => {
  const guest = await stage.guest({ ...phone, javaScriptEnabled: false });
  guest.expectTrouble(/400 \(Bad Request\)/);
  await guest.tap('Quick rinse');
  await guest.tap('Send me a receipt');
  await guest.page.locator('[name=email]').fill('me@nowhere'); // the browser takes this for an address, we do not
  await guest.tap('Continue to payment');
  await guest.page.getByRole('alert').filter({ hasText: 'Please check the e-mail address' }).waitFor();
  expect(await guest.page.locator('[name=email]').inputValue()).toBe('me@nowhere');
  expect(await guest.page.getByRole('radio', { checked: true }).count()).toBe(1);
  await guest.page.locator('[name=email]').fill('me@example.com');
  await guest.tap('Continue to payment');
  await guest.sees('Simulated Stripe page');
  expect(await guest.page.locator('[name=email]').inputValue()).toBe('me@example.com');
});

test('where live events do not come through, the page asks', async () => {
  const guest = await stage.visitor();
  guest.expectTrouble(/ERR_FAILED/);
  await guest.context.route('**/events', (route) => route.abort());
  await guest.page.goto(stage.washerUrl);
  await guest.tap('Quick rinse, load first');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  await stage.laundry.ahead(60_000);
  await guest.seesTitle('Running');
  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
});

test('an answer that comes late never takes the place of a newer one', async () => {
  const { laundry } = stage;
  const guest = await stage.guest();
  await guest.tap('Quick rinse, load first');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  await guest.context.route(
    /fragment=1/,
    async (route) => {
      const old = await route.fetch();
      await released;
      await route.fulfill({ response: old });
      arrive();
    },
    { times: 1 },
  );
  const asked = guest.page.waitForRequest(/fragment=1/);
  await laundry.ahead(60_000);
  await asked;
  await stage.relayIs(true);
  await laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
  release();
  await arrived;
  await guest.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  expect(await guest.page.getByRole('heading', { level: 1 }).innerText()).toBe('Session Complete');
});

test('without signal the page says that the machine goes on, and catches up', async () => {
  const guest = await stage.guest();
  guest.expectTrouble(/ERR_INTERNET_DISCONNECTED/);
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Running');
  await guest.context.setOffline(true);
  await guest.sees('No connection. The machine goes on by itself');
  expect(stage.relay().output).toBe(true);
  await stage.laundry.ahead(61_000);
  await stage.relayIs(false);
  await guest.context.setOffline(false);
  await guest.seesTitle('Session Complete');
  await guest.page.locator('#connection').waitFor({ state: 'hidden' });
});

test('without signal nothing is sent: the guest is told, and presses again later', async () => {
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.context.setOffline(true);
  await guest.tap('Pay €1.00');
  await guest.sees('No connection. Nothing was charged.');
  expect(stage.checkouts()).toEqual([]);
  await guest.context.setOffline(false);
  await guest.page.locator('#connection').waitFor({ state: 'hidden' });
  await guest.tap('Pay €1.00');
  await guest.sees('Simulated Stripe page');
});
