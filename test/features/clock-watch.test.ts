import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { ask } from '../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ at: systemClock.now() - 3_600_000 });
});
afterAll(() => laundry.close());

const ready = () => ask(laundry, 'GET /api/ready', undefined, { token: null });
const look = async () => {
  await laundry.app.clockWatch.look();
  return ready();
};
const warned = (): number => laundry.logged().split('Clocks must agree within 2 s').length - 1;

test('a server whose clock is not the database’s says so from the start, and goes on working', async () => {
  const answer = await laundry.until('the first look', async () => {
    const now = await ready();
    return now.body.warnings === undefined ? null : now;
  });
  const reason = expect.stringMatching(/^this server’s clock is 36\d\d s behind the database’s$/);
  expect([answer.status, answer.body]).toEqual([200, { ok: true, warnings: [{ name: 'clock', reason }] }]);
  expect(laundry.logged()).toContain(`Clocks must agree within 2 s: ${answer.body.warnings[0].reason}. Is NTP on?`);
});

test('a clock that is set right is told of no more', async () => {
  laundry.clock.ahead(systemClock.now() - laundry.clock.now());
  expect((await look()).body).toEqual({ ok: true });
  laundry.clock.ahead(1_500);
  expect((await look()).body).toEqual({ ok: true });
});

test('one that goes ahead is told of, and logged once', async () => {
  const before = warned();
  laundry.clock.ahead(59_500);
  const reason = 'this server’s clock is 61 s ahead of the database’s';
  for (let looks = 0; looks < 3; looks++) {
    expect((await look()).body).toEqual({ ok: true, warnings: [{ name: 'clock', reason }] });
  }
  expect(warned()).toBe(before + 1);
});
