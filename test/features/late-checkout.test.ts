import { afterAll, beforeAll, expect, test } from 'vitest';
import { hours } from '../../src/rules/instant.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
  laundry.stripe.setWebhookUrl(null); // lost: what was paid is found by asking
});
afterAll(() => laundry.close());

test('a checkout that Stripe makes late, after its guest chose another plan, takes no money that does not go back', async () => {
  const { washer, stripe } = laundry;
  const page = await laundry.call('GET', `/pay/${washer.uid}`);
  const cookie = (page.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  stripe.setFault('slow');
  const slow = beginToPay(laundry, washer.plans.hour, { cookie });
  await laundry.until('the first is asked for', () => stripe.checkouts().length === 1);
  const [first] = stripe.checkouts();
  stripe.setFault('none');
  expect((await beginToPay(laundry, washer.plans.now, { cookie })).status).toBe(200);
  const { status, url, token } = await slow;
  const { paid } = await stripe.pay(first?.id ?? '');
  await laundry.call('GET', `/session/${token}`); // the guest comes back
  for (let n = 0; n < 6; n++) await laundry.ahead(hours(1));
  const charges = stripe.charges().map(({ amount, amountRefunded }) => ({ amount, amountRefunded }));
  expect({ charges }).toEqual({ charges: paid ? [{ amount: 250, amountRefunded: 250 }] : [] });
  expect({ status, url }).toEqual({ status: 409, url: '' }); // nobody is sent to pay for what was given up
}, 40_000);

test('nor does one that is asked for again just when the server gives it up', async () => {
  const { washer, stripe, clock } = laundry;
  const before = stripe.charges().length;
  const page = await laundry.call('GET', `/pay/${washer.uid}`);
  const cookie = (page.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  stripe.setFault('down');
  expect((await beginToPay(laundry, washer.plans.hour, { cookie })).status).toBe(502);
  clock.ahead(115_000);
  stripe.setFault('slow');
  const known = stripe.checkouts().length;
  const again = beginToPay(laundry, washer.plans.hour, { cookie });
  await laundry.until('it is asked for again', () => stripe.checkouts().length > known);
  stripe.setFault('none');
  await laundry.ahead(70_000);
  const { status, token } = await again;
  const { paid } = await stripe.pay(stripe.checkouts().at(-1)?.id ?? '');
  await laundry.call('GET', `/session/${token}`);
  for (let n = 0; n < 6; n++) await laundry.ahead(hours(1));
  const [charge] = stripe.charges().slice(before);
  const told = { status, paid, rest: (charge?.amount ?? 0) - (charge?.amountRefunded ?? 0) };
  expect(told).toMatchObject(status === 200 ? { rest: 0 } : { paid: false });
}, 40_000);
