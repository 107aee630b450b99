import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { minutes, seconds } from '../../src/rules/instant.ts';
import { type Entrance, looksAgain, openEntrance } from './entrance.ts';

const good = '4242 4242 4242 4242';

let at: Entrance;
beforeAll(async () => {
  at = await openEntrance();
});
afterEach(() => at.clear());
afterAll(() => at.close());

const status = async (to: 'ACTIVE' | 'PASSAGE' | 'MAINTENANCE'): Promise<void> => {
  await at.place.signIn();
  const answer = await at.place.post(`/api/doors/${at.front.id}/status`, { status: to });
  expect(answer.status).toBe(200);
};

test('while nobody could be let in there is nothing to pay, and the page goes on by itself when that is over', async () => {
  await at.vendor(false);
  const guest = await at.guest(at.front);
  await guest.seesTitle('Not Available Right Now');
  await guest.sees('We cannot let anybody in through this door right now, so we do not take your money.', '€1.00');
  expect(await guest.page.locator('form').count()).toBe(0);
  expect(at.checkouts()).toEqual([]);
  await at.vendor(true);
  await at.place.ahead(minutes(2)); // its breaker
  await guest.sees('Opens after payment');
  await guest.page.getByRole('button', { name: 'Pay €1.00' }).waitFor();
});

test('a lock that dies before the guest has tapped takes no money: no checkout, and a kind sentence', async () => {
  const guest = await at.guest(at.front);
  guest.expectTrouble(/409 \(Conflict\)/); // so answers the page that shows what is the matter
  await guest.sees('Opens after payment');
  await at.vendor(false);
  await guest.tap('Pay €1.00');
  await guest.seesTitle('Not Available Right Now');
  await guest.sees('so we do not take your money');
  expect(at.checkouts()).toEqual([]);
});

test('a lock that dies after the payment: the page says what happens, and the money comes back by itself', async () => {
  const guest = await at.guest(at.front);
  await guest.tap('Send me a receipt');
  await guest.page.locator('[name=email]').fill('unlucky@example.com');
  await guest.tap('Pay €1.00');
  await guest.sees('Simulated Stripe page');
  at.place.ttlock.trouble({ kind: 'broken', where: 'everything' });
  await guest.payByCard(good);
  await guest.seesTitle('Getting Your Way In Ready');
  await guest.sees('If it does not work within two minutes, your money comes back by itself.');
  expect(at.charges()).toMatchObject([{ amount: 100, amountRefunded: 0 }]);

  await at.place.ahead(minutes(2) + seconds(1));
  await guest.seesTitle('We Could Not Let You In');
  await guest.page.locator('[data-testid=refund][data-refund=done]').waitFor();
  await guest.sees('No way in could be made for this door.', '€1.00 has been returned to your card.');
  expect(at.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
  const mail = await at.place.until('the mail', () =>
    at.place.mail
      .mails()
      .find(({ to, subject }) => to.includes('unlucky@example.com') && subject.includes('comes back')),
  );
  expect(mail.subject).toBe('€1.00 comes back to you: Front door');
  expect(mail.text).toContain('No way in could be made');
  expect(at.place.ttlock.lock(at.place.front.hardwareId).locked).toBe(true);

  await at.vendor(true);
  await at.place.ahead(minutes(2)); // its breaker
  await guest.tap('Try again');
  await guest.sees('Opens after payment');
});

test('a way in that the owner pays back is no way in any more, and the page says where the money is', async () => {
  const guest = await at.bought(at.back);
  const [charge] = at.charges();
  await at.place.stripe.refundFromDashboard(charge?.paymentIntentId ?? '', 200);
  await at.place.until('it is known', async () => {
    await looksAgain(guest);
    return guest.page.locator('[data-state=refunded]').isVisible();
  });
  await guest.seesTitle('Payment Returned');
  await guest.sees('€2.00 has been returned to your card.');
  expect(await guest.page.getByTestId('code').count()).toBe(0);
});

test('a door that is free to pass takes no money, stands open, and is sold again after that', async () => {
  await status('PASSAGE');
  const guest = await at.guest(at.front);
  await guest.seesTitle('Free Access');
  await guest.sees('You need not pay anything.', 'Just open the door.');
  expect(await guest.page.locator('form').count()).toBe(0);
  const { hardwareId } = at.place.front;
  expect(at.place.ttlock.lock(hardwareId).inPassage).toBe(true);
  const begun = await at.place.call('POST', `/api/public/door/${at.front.uid}/intent`, { body: {} });
  expect([begun.status, at.checkouts()]).toEqual([409, []]);

  await status('ACTIVE');
  await looksAgain(guest);
  await guest.sees('Opens after payment');
  expect(at.place.ttlock.lock(hardwareId).inPassage).toBe(false);
});

test('a door in maintenance says so and takes no money; who has a way in already still finds it', async () => {
  const holder = await at.bought(at.front);
  await status('MAINTENANCE');
  const guest = await at.guest(at.front);
  await guest.seesTitle('Currently Closed for Maintenance');
  await guest.sees('takes no payments right now', 'Please come back later.');
  expect(await guest.page.locator('form').count()).toBe(0);
  const before = at.checkouts().length;
  const begun = await at.place.call('POST', `/api/public/door/${at.front.uid}/intent`, { body: {} });
  expect([begun.status, at.checkouts().length]).toEqual([409, before]);
  await holder.page.goto(`${at.place.url}/pay/${at.front.uid}`);
  await holder.tap('Show my way in');
  await holder.seesTitle('Your Way In');
  await status('ACTIVE');
});

test('a declined card buys nothing, and back at the door nothing was charged', async () => {
  const guest = await at.guest(at.back);
  guest.expectTrouble(/402 \(Payment Required\)/);
  await guest.tap('Pay €2.00');
  await guest.payByCard('4000 0000 0000 0002');
  await guest.page.getByRole('alert').filter({ hasText: 'declined' }).waitFor();
  expect(at.charges()).toEqual([]);
  await guest.tap('← Back');
  await guest.sees('You came back without paying. Nothing was charged.', 'Opens after payment');
  await guest.tap('Pay €2.00');
  await guest.payByCard(good);
  await guest.seesTitle('Your Way In');
});
