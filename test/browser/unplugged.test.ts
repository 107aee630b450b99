import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const good = '4242 4242 4242 4242';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const unplug = () => stage.laundry.shelly.setFault('Washer 1', 'offline');
const plugIn = () => stage.laundry.shelly.setFault('Washer 1', 'none');

test('an unplugged machine takes no money, and is for sale again by itself once it is plugged in', async () => {
  unplug();
  const guest = await stage.guest();
  await guest.seesTitle('No Connection to the Machine');
  await guest.sees('We cannot reach this machine right now, so we do not take your money.', 'Programs and prices');
  expect(await guest.page.getByRole('button').count()).toBe(0);
  expect(await guest.page.getByRole('radio').count()).toBe(0);
  expect(stage.checkouts()).toEqual([]);

  plugIn();
  await guest.sees('Ready to use');
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.sees('Simulated Stripe page');
});

test('unplugged while the guest chooses: the button says so, and nothing is charged', async () => {
  const guest = await stage.guest();
  guest.expectTrouble(/409 \(Conflict\)/);
  await guest.tap('Quick rinse');
  unplug();
  await stage.laundry.ahead(31_000); // the last reading is too old to sell by
  await guest.tap('Pay €1.00');
  await guest.seesTitle('No Connection to the Machine');
  expect(stage.checkouts()).toEqual([]);
});

test('unplugged while the guest pays: it says that it could not start, and all the money goes back by itself', async () => {
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.sees('Simulated Stripe page');
  unplug();
  await guest.payByCard(good);
  await guest.seesTitle('Starting');
  await guest.sees('If it does not start, €1.00 comes back to you by itself.');

  await stage.laundry.ahead(21_000);
  await guest.seesTitle('Session Could Not Start');
  await guest.sees('The machine could not be reached.', '€1.00 has been returned to your card.');
  expect(stage.charges()).toMatchObject([{ amount: 100, amountRefunded: 100, refunds: [{ amount: 100 }] }]);
  expect(stage.relay().output).toBe(false);
  await guest.tap('Try again');
  await guest.seesTitle('No Connection to the Machine');
});

test('unplugged while it runs: the page says so and keeps the time; plugged in again, it goes on', async () => {
  const guest = await stage.guest();
  await guest.tap('Standard wash');
  await guest.tap('Pay €2.50');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  await stage.laundry.ahead(5 * 60_000);
  await guest.seesTitle('Running');
  unplug();
  await stage.laundry.ahead(11_000);
  await guest.page.reload();
  await guest.seesTitle('Device Unavailable');
  await guest.sees('It runs on its own timer and stops by itself.', 'left');
  plugIn();
  await stage.laundry.ahead(4_000);
  await guest.seesTitle('Running');
  expect(stage.relay().output).toBe(true);
});

test('ended by staff: the page tells it, with what was given back for the time that was not used', async () => {
  const { laundry } = stage;
  const guest = await stage.guest();
  await guest.tap('Standard wash');
  await guest.tap('Pay €2.50');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  await laundry.ahead(5 * 60_000);
  await guest.seesTitle('Running');
  await laundry.ahead(30 * 60_000);
  const token = new URL(guest.page.url()).pathname.split('/').at(-1);
  const ended = await laundry.call('PATCH', `/api/sessions/${token}/end`, { token: laundry.tokens.admin, body: {} });
  expect(ended.status).toBe(200);

  await guest.seesTitle('Session Ended');
  await guest.sees(
    'The session was ended by the staff.',
    'It ran for 30 min of 1 h.',
    'has been returned to your card.',
  );
  await stage.relayIs(false);
  const [charge] = stage.charges();
  const { startedAt, endedAt } = (await laundry.call('GET', `/api/public/sessions/${token}`)).body;
  const seconds = Math.floor((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  expect(charge).toMatchObject({ amount: 250, amountRefunded: 250 - Math.floor((250 * seconds) / 3600) });
  await guest.sees(`€${((charge?.amountRefunded ?? 0) / 100).toFixed(2)} has been returned to your card.`);
});

test('a machine that is on and does nothing: from a minute after its start the page offers to tell the owner', async () => {
  const guest = await stage.guest();
  await guest.tap('Standard wash');
  await guest.tap('Pay €2.50');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  await stage.laundry.ahead(5 * 60_000);
  await guest.seesTitle('Running');
  const offer = guest.page.getByRole('link', { name: 'Something wrong? Tell the owner' });
  await stage.laundry.ahead(56_000);
  await guest.page.reload();
  await guest.seesTitle('Running');
  expect(await offer.count()).toBe(0);
  await stage.laundry.clock.sleep(4_500); // by then it is a minute
  await guest.page.evaluate(() => dispatchEvent(new Event('online'))); // the script asks now and then; now
  await offer.waitFor();
  await offer.click();
  await guest.page.getByLabel('What went wrong?').fill('The drum does not turn.');
  await guest.tap('Send');
  await guest.seesTitle('Running');
  await guest.sees('Your message was passed on');
});
