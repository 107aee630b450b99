import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const refunded = () => laundry.stripe.charges().reduce((sum, one) => sum + one.amountRefunded, 0);

/** Staff gives an hour away, too. */
async function freeHour(): Promise<string> {
  const path = `/api/devices/${laundry.washer.id}/periods`;
  const body = { name: 'An hour on the house', duration: 60, price: 0 };
  return (await laundry.call('POST', path, { token: laundry.tokens.admin, body })).body.id;
}

test('time that cost nothing is had once, and shares the price with the hour that was paid: what was not had of both goes back', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.hour);
  await laundry.stripe.pay(begun.checkoutId);
  await untilState(laundry, begun.token, 'waiting-to-start');
  await laundry.ahead(5 * 60_000);
  const { endsAt } = await untilState(laundry, begun.token, 'running');
  const body = { planId: await freeHour() };
  const taps = Array.from({ length: 30 }, () =>
    laundry.call('POST', `/api/public/sessions/${begun.token}/extend`, { body }),
  );
  for (const { status } of await Promise.all(taps)) expect(status).toBe(200);
  const { onTop } = await sessionOf(laundry, begun.token);
  expect(onTop.map(({ id }: { id: string }) => id)).not.toContain(body.planId); // had once
  expect(Date.parse((await sessionOf(laundry, begun.token)).endsAt)).toBe(Date.parse(endsAt) + 3_600_000);
  for (let minutes = 0; minutes < 61; minutes++) await laundry.ahead(60_000); // all that was paid for, and a minute more
  laundry.shelly.setOutput('Washer 1', 0, false); // the guest takes the laundry out and pulls the plug
  laundry.shelly.setFault('Washer 1', 'dead-relay');
  await laundry.ahead(15_000);
  for (let seconds = 0; seconds < 80; seconds += 2) await laundry.ahead(2_000);
  await laundry.until('the end', async () => (await sessionOf(laundry, begun.token)).status === 'CANCELLED');
  await laundry.until('no refund open', async () => {
    const { rows } = await laundry.app.database.pool.query("select from refunds where status = 'asked'");
    return rows.length === 0;
  });
  const onMs = (await laundry.app.services.sessions.byToken(begun.token))?.run.onMs ?? 0;
  expect(refunded()).toBeGreaterThan(0);
  expect(refunded()).toBe(250 - Math.floor((250 * Math.floor(onMs / 1000)) / 7200)); // 250 for two hours
}, 60_000);
