import { describe, expect, test } from 'vitest';
import type { LockRow } from '../../features/locks/locks.service.ts';
import type { Operated } from '../../features/remote-operate/remote-operate.service.ts';
import { Problem } from '../../rules/errors.ts';
import { operationView } from './operate-view.ts';

const lock = (bridge_id: string | null): LockRow =>
  ({ bridge_id, bolt: 'locked', capabilities: { unlock: true } }) as unknown as LockRow;

/** The numbers of reference §7, whatever the driver that told it. */
function answered(how: Partial<Operated> & { kind: Operated['kind'] }, bridge: string | null = 'bridge') {
  const of = {
    command: 'unlock',
    before: lock(bridge),
    after: lock(bridge),
    startedAt: 0,
    transactionId: 't',
    retries: 0,
  };
  try {
    return operationView({ ...of, ...how } as Operated, 5);
  } catch (error) {
    if (error instanceof Problem) return [error.facts.status ?? error.status, error.facts.code ?? error.code];
    throw error;
  }
}

const refused = (reason: string, more = {}) =>
  ({ kind: 'refused', outcome: { kind: 'refused', reason, detail: '', ...more } }) as unknown as Operated;

describe('a lock that surely did not do it', () => {
  test.each([
    ['unreachable', 408, 'RequestTimeout'],
    ['asleep', 408, 'RequestTimeout'],
    ['no-bridge', 412, 'PRECONDITION_FAILED'],
    ['bridge-offline', 422, 98],
    ['busy', 423, 'LOCK_BUSY'],
    ['jammed', 530, 'MechanicalTimeout'],
    ['low-battery', 550, 'LowBattery'],
    ['frozen', 403, 'FORBIDDEN'],
    ['not-permitted', 403, 'FORBIDDEN'],
    ['unsupported', 501, 'NOT_IMPLEMENTED'],
    ['credentials', 502, 'UPSTREAM_ERROR'],
    ['not-found', 502, 'UPSTREAM_ERROR'],
    ['vendor', 502, 'UPSTREAM_ERROR'],
  ])('%s: %i', (reason, status, code) => {
    expect(answered(refused(reason))).toEqual([status, code]);
  });

  test('busy by itself, without a bridge between: 460', () => {
    expect(answered(refused('busy'), null)).toEqual([460, 'LockBusy']);
  });

  test('busy as the vendor counts requests: 429', () => {
    expect(answered(refused('busy', { wholeConnection: true }))).toEqual([429, 'RATE_LIMITED']);
    expect(answered(refused('busy', { retryAfterSeconds: 900 }))).toEqual([429, 'RATE_LIMITED']);
  });
});

describe('a lock of which nothing was heard', () => {
  const at = 0;
  test.each([
    [{ kind: 'lock', bolt: 'locked', at }, 408],
    [{ kind: 'lock', bolt: 'jammed', at }, 530],
    [{ kind: 'lock', bolt: 'unknown', at }, 531],
    [{ kind: 'unreachable', bridgeOnline: false, at }, 422],
    [{ kind: 'unreachable', bridgeOnline: null, at }, 408],
  ])('and that is then seen as %j: %i', (seen, status) => {
    expect(answered({ kind: 'unheard', seen } as unknown as Operated)).toEqual([status, expect.anything()]);
  });
});

test('others are at it for longer than anybody waits: 423', () => {
  expect(answered({ kind: 'no-turn' })).toEqual([423, 'LOCK_BUSY']);
});

test('a denial: 403', () => {
  expect(answered({ kind: 'denied', reason: 'lockdown' } as Partial<Operated> & { kind: 'denied' })).toEqual([
    403,
    'FORBIDDEN',
  ]);
});
