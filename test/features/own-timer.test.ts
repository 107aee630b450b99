import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterEach(async () => {
  laundry.shelly.setLoad('Washer 1', 2050);
  await laundry.ahead(4000);
});
afterAll(() => laundry.close());

const relay = () => laundry.shelly.device('Washer 1').channels[0];
const washer = () => `/api/devices/${laundry.washer.id}`;

async function running(plan: string): Promise<Bought> {
  const bought = await buy(laundry, { plan });
  await laundry.until('it running', async () => (await bought.session()).phase === 'running');
  return bought;
}

async function planOf(body: Record<string, unknown>): Promise<string> {
  const made = { name: 'Until it is done', duration: 60, price: 250, ...body };
  return (await laundry.call('POST', `${washer()}/periods`, { token: laundry.tokens.admin, body: made })).body.id;
}

test('a relay that restores its last state after a power dip comes back on without a timer, and gets one', async () => {
  const address = laundry.shelly.device('Washer 1').address;
  const config = { id: 0, config: { initial_state: 'restore_last' } };
  await fetch(`http://${address}/rpc/Switch.SetConfig`, { method: 'POST', body: JSON.stringify(config) });
  const bought = await running(await planOf({ duration: 10 }));
  await laundry.ahead(60_000);
  laundry.shelly.powerCycle('Washer 1');
  expect(relay()).toMatchObject({ output: true, timerDuration: null });
  await laundry.ahead(10_500);
  await laundry.ahead(10_500);
  await laundry.until('a timer again', () => relay()?.timerDuration !== null);
  expect(relay()?.timerDuration).toBeLessThanOrEqual(540);
  await laundry.until('it known', async () => (await bought.session()).run.armedFor !== null);
  for (let minutes = 0; minutes < 10; minutes++) await laundry.ahead(60_000);
  await untilState(laundry, bought.token, 'complete');
  await expectMoneyAddsUp(laundry, bought, 250);
  expect(relay()?.output).toBe(false);
});

test('a plan that ends with the machine: once it has rested for its minutes it is switched off, delivered in full', async () => {
  const bought = await running(await planOf({ finish: { belowWatts: 5, afterMinutes: 2 } }));
  await laundry.ahead(11_000);
  await laundry.until('it seen at work', async () => (await bought.session()).run.worked);
  laundry.shelly.setLoad('Washer 1', 1.5);
  const rested = async () => {
    const { seenOnAt, idleSince } = (await bought.session()).run;
    return idleSince === null ? 0 : (seenOnAt ?? 0) - idleSince;
  };
  for (let looks = 0; looks < 40 && (await rested()) < 90_000; looks++) await laundry.ahead(11_000);
  expect((await bought.session()).phase).toBe('running');
  for (let looks = 0; looks < 40 && (await bought.session()).phase === 'running'; looks++) await laundry.ahead(11_000);
  expect(await untilState(laundry, bought.token, 'complete')).toMatchObject({ failureReason: null, refund: null });
  expect(relay()?.output).toBe(false);
  await expectMoneyAddsUp(laundry, bought, 250);
});

test('a plan without that runs to its end, whatever the machine draws', async () => {
  const bought = await running(await planOf({ duration: 5 }));
  await laundry.ahead(11_000);
  laundry.shelly.setLoad('Washer 1', 0);
  for (let seconds = 0; seconds < 250; seconds += 25) await laundry.ahead(25_000);
  expect((await bought.session()).phase).toBe('running');
  await laundry.ahead(40_000);
  await untilState(laundry, bought.token, 'complete');
});
