import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTtlock, type TtlockSimulator } from '../../../simulators/ttlock/start.ts';
import { systemClock } from '../../host/clock.ts';
import type { LockRefusal } from '../lock-port.ts';
import { meaningOf, meanings } from './errors.ts';
import { ttlockDriver } from './testing/ttlock-rig.ts';

/** Every number of the platform, and what must be made of it. */
const table: [number, LockRefusal | 'unknown', 'one lock' | 'the account'][] = [
  [1, 'unknown', 'one lock'],
  [10000, 'credentials', 'the account'],
  [10001, 'credentials', 'the account'],
  [10003, 'credentials', 'the account'],
  [10004, 'credentials', 'the account'],
  [10007, 'credentials', 'the account'],
  [10010, 'credentials', 'the account'],
  [10011, 'credentials', 'the account'],
  [20002, 'not-permitted', 'one lock'],
  [20007, 'unsupported', 'one lock'],
  [30005, 'credentials', 'the account'],
  [30006, 'busy', 'the account'],
  [30007, 'busy', 'the account'],
  [30008, 'credentials', 'the account'],
  [80000, 'credentials', 'the account'],
  [80002, 'vendor', 'one lock'],
  [90000, 'unknown', 'one lock'],
  [-3, 'vendor', 'one lock'],
  [-1003, 'not-found', 'one lock'],
  [-1007, 'unsupported', 'one lock'],
  [-1026, 'code-refused', 'one lock'],
  [-2009, 'code-missing', 'one lock'],
  [-2012, 'no-bridge', 'one lock'],
  [-2018, 'not-permitted', 'one lock'],
  [-2025, 'frozen', 'one lock'],
  [-2032, 'code-refused', 'one lock'],
  [-3002, 'bridge-offline', 'one lock'],
  [-3003, 'busy', 'one lock'],
  [-3006, 'code-refused', 'one lock'],
  [-3007, 'code-taken', 'one lock'],
  [-3008, 'unsupported', 'one lock'],
  [-3009, 'code-full', 'one lock'],
  [-3034, 'unreachable', 'one lock'],
  [-3035, 'asleep', 'one lock'],
  [-3036, 'unreachable', 'one lock'],
  [-3037, 'busy', 'one lock'],
  [-3046, 'not-permitted', 'one lock'],
  [-4037, 'no-bridge', 'one lock'],
  [-4043, 'unsupported', 'one lock'],
  [-4056, 'code-full', 'one lock'],
  [-4067, 'unsupported', 'one lock'],
];

let simulator: TtlockSimulator;
beforeAll(async () => {
  simulator = await startTtlock({
    airMs: 1,
    gateways: [{ name: 'Hall' }],
    locks: [{ name: 'Front', gateway: 'Hall' }],
  });
});
afterAll(() => simulator.close());

test('every number has its row here', () => {
  expect(table.map(([code]) => code).toSorted((a, b) => a - b)).toEqual(
    Object.keys(meanings)
      .map(Number)
      .toSorted((a, b) => a - b),
  );
});

describe('a command that the platform answers with', () => {
  test.each(table)('%i ends as %s, of %s', async (code, reason, whose) => {
    const locks = await ttlockDriver(simulator, systemClock);
    const ref = { hardwareId: String(simulator.idOf('Front')) };
    await locks.observe(ref, systemClock.deadline(5000)); // signed in
    simulator.trouble({ kind: 'error-body', where: 'switching', errcode: code as 1 });
    const before = simulator.heard().switching;
    const pin = '593817';
    const command = { kind: 'set-pin', pin, slot: null, window: { from: 0, until: null }, name: 'x' } as const;
    const outcome = await locks.perform(ref, command, systemClock.deadline(5000));
    simulator.trouble(null);
    expect(outcome).toMatchObject(
      reason === 'unknown' ? { kind: 'unknown', detail: expect.any(String) } : { kind: 'refused', reason },
    );
    const { detail = '', ...facts } = 'detail' in outcome ? outcome : {};
    expect(detail).toMatch(/^TTLock(?:: (?!TTLock)| ).{15,} \(-?\d+\)$/); // who says it, once
    expect(detail).not.toContain(pin);
    expect('wholeConnection' in facts).toBe(whose === 'the account');
    // only a token that is worth nothing is renewed, and the same asked again once
    expect(simulator.heard().switching - before).toBe(meaningOf(code).token === 'renew' ? 2 : 1);
  });

  test('a number that is not known is no refusal: it may have been done', () => {
    expect(meaningOf(-9999)).toMatchObject({ reason: 'unknown' });
  });
});
