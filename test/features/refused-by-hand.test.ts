import { afterAll, beforeAll, expect, test } from 'vitest';
import { minutes } from '../../src/rules/instant.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

test("staff's switch-on that never reached the relay allows nobody else's hand on it", async () => {
  const { shelly, dryer, tokens, app } = laundry;
  shelly.setFault('Dryer', 'offline');
  const body = { on: true, minutes: 240 };
  const answer = await laundry.call('POST', `/api/devices/${dryer.id}/switch`, { token: tokens.admin, body });
  expect(answer.status).toBe(502);
  shelly.setFault('Dryer', 'none');
  shelly.setOutput('Dryer', 0, true); // by its button, without a timer
  for (let n = 0; n < 5; n++) {
    laundry.clock.ahead(minutes(1));
    await app.rounds.cron.reconcile();
  }
  expect(shelly.device('Dryer').channels[0]?.output).toBe(false);
});

test('a relay that staff switched on for a while, and that is on without its timer, is switched off', async () => {
  const { shelly, washer, tokens, app } = laundry;
  const body = { on: true, minutes: 240 };
  await laundry.call('POST', `/api/devices/${washer.id}/switch`, { token: tokens.admin, body });
  shelly.setOutput('Washer 1', 0, false);
  laundry.clock.ahead(minutes(1));
  await app.rounds.cron.reconcile();
  shelly.setOutput('Washer 1', 0, true);
  laundry.clock.ahead(minutes(1));
  await app.rounds.cron.reconcile();
  expect(shelly.device('Washer 1').channels[0]?.output).toBe(false);
});

test('a switch-on that is refused takes nothing from the one before it, which is still under way', async () => {
  const { shelly, dryer, app } = laundry;
  const ask = (minutes: number) =>
    laundry.call('POST', `/api/devices/${dryer.id}/switch`, {
      token: laundry.tokens.admin,
      body: { on: true, minutes },
    });
  await laundry.ahead(5000);
  expect((await ask(60)).status).toBe(200);
  shelly.setFault('Dryer', 'refuses');
  expect((await ask(240)).status).toBe(502);
  shelly.setFault('Dryer', 'none');
  laundry.clock.ahead(minutes(30));
  await app.rounds.cron.reconcile();
  expect(shelly.device('Dryer').channels[0]).toMatchObject({ output: true, timerDuration: 3600 });
});

test('a relay that is on without a timer while staff’s wish stands is a notice: it was not that wish', async () => {
  const { shelly, washer, tokens, app } = laundry;
  const body = { on: true, minutes: 240 };
  await laundry.call('POST', `/api/devices/${washer.id}/switch`, { token: tokens.admin, body });
  shelly.setOutput('Washer 1', 0, true); // by its button: that takes the timer away
  shelly.setFault('Washer 1', 'refuses');
  laundry.clock.ahead(minutes(1));
  await app.rounds.cron.reconcile();
  const notices = (await laundry.call('GET', '/api/notices', { token: tokens.admin })).body;
  expect(notices.map(({ kind }: { kind: string }) => kind)).toContain('relay-on-without-session');
  shelly.setFault('Washer 1', 'none');
});
