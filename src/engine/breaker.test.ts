import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../host/clock.ts';
import type { ConnectionId } from '../rules/ids.ts';
import { type Breakers, createBreakers, type Failure, type Need, type Permit } from './breaker.ts';

const cloud = 'con_cloud' as ConnectionId;
const other = 'con_other' as ConnectionId;
const silent: Failure = { reason: 'unreachable', error: 'no answer' };
const badKey: Failure = { reason: 'credentials', error: 'the key is wrong', wholeConnection: true };

let now = 0;
let lines: { level: string; facts: object; text: string }[] = [];
let breakers: Breakers;
beforeEach(() => {
  now = 1_000_000;
  lines = [];
  const to = (level: string) => (facts: object, text: string) => void lines.push({ level, facts, text });
  const log = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
  breakers = createBreakers({ clock: { ...systemClock, now: () => now }, log, chance: () => 0.5 });
});

const ask = (hardwareId = 'a', need: Need = 'background', connection = cloud): Permit =>
  breakers.ask(connection, hardwareId, need);
function go(hardwareId = 'a', need: Need = 'background', connection = cloud) {
  const permit = ask(hardwareId, need, connection);
  if (permit.kind !== 'go') throw new Error(`held back: ${permit.error}`);
  return permit;
}
const isHeld = (...args: Parameters<typeof ask>): boolean => {
  const permit = ask(...args);
  if (permit.kind === 'go') permit.ended('nothing');
  return permit.kind === 'held';
};
const fail = (failure: Failure, times = 3, hardwareId = 'a'): void => {
  for (let n = 0; n < times; n++) go(hardwareId).ended(failure);
};

describe('what keeps failing', () => {
  test('is held back after three failures in a row, and not before', () => {
    fail(silent, 2);
    go().ended('worked');
    fail(silent, 2);
    expect(isHeld()).toBe(false);
    fail(silent, 1);
    expect(isHeld()).toBe(true);
    expect(ask()).toEqual({ kind: 'held', reason: 'unreachable', error: 'no answer', retryAfterSeconds: 5 });
  });

  test('is tried again by one, at growing pauses of at most about a minute; one answer ends it', () => {
    fail(silent);
    const waited: number[] = [];
    for (let tries = 0; tries < 7; tries++) {
      const [trouble] = breakers.troubles(cloud);
      waited.push((trouble?.nextTryAt ?? 0) - now);
      now = trouble?.nextTryAt ?? 0;
      const probe = go();
      expect(isHeld()).toBe(true); // one at a time
      probe.ended(silent);
    }
    expect(waited).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    now += 60_000;
    go().ended('worked');
    expect(isHeld()).toBe(false);
    expect(breakers.troubles(cloud)).toEqual([]);
    fail(silent);
    expect(breakers.troubles(cloud)[0]?.nextTryAt).toBe(now + 5000);
  });

  test('is logged once for each time that it begins, and once when it is over', () => {
    fail(silent);
    for (let tries = 0; tries < 5; tries++) {
      now += 60_000;
      go().ended(silent);
    }
    go('a', 'off').ended(silent);
    expect(lines).toEqual([
      { level: 'warn', facts: { connection: cloud, hardwareId: 'a', error: 'no answer' }, text: expect.any(String) },
    ]);
    now += 60_000;
    go().ended('worked');
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  test('calls that began before it was held back make no pause longer', () => {
    const many = Array.from({ length: 50 }, () => go());
    for (const permit of many) permit.ended(silent);
    expect(breakers.troubles(cloud)).toEqual([
      { hardwareId: 'a', since: now, error: 'no answer', nextTryAt: now + 5000 },
    ]);
  });

  test('a call that says nothing of the vendor changes nothing, and frees the turn to try', () => {
    fail(silent);
    now += 5000;
    go().ended('nothing');
    expect(isHeld()).toBe(false);
    expect(breakers.troubles(cloud)).toHaveLength(1);
  });

  test('a clock that is set back holds nothing back for long', () => {
    fail(silent);
    now -= 3_600_000;
    expect(isHeld()).toBe(false);
    expect(isHeld('a', 'on')).toBe(false);
  });

  test('a connection that is changed begins anew, and so does a thing that was heard of', () => {
    fail(badKey);
    breakers.forget(cloud);
    expect(isHeld()).toBe(false);
    fail(silent);
    breakers.answered(cloud, 'a');
    expect(isHeld()).toBe(false);
  });
});

describe('whose trouble it is', () => {
  test('an unplugged thing stops neither its neighbours nor other connections', () => {
    fail(silent);
    expect([isHeld('a'), isHeld('b'), isHeld('a', 'background', other)]).toEqual([true, false, false]);
    expect(breakers.health(cloud, 'a')).toBe('held');
    expect(breakers.health(cloud, 'b')).toBe('well');
  });

  test('an account whose key is wrong stops all of it, whichever things were asked for, and no other account', () => {
    for (const thing of ['a', 'b', 'c']) go(thing).ended(badKey);
    expect([isHeld('a'), isHeld('d'), isHeld('a', 'background', other)]).toEqual([true, true, false]);
    expect(breakers.troubles(cloud)).toEqual([
      { hardwareId: null, since: now, error: 'the key is wrong', nextTryAt: now + 5000 },
    ]);
  });

  test('a thing that the account says is offline is an answer of the account', () => {
    go('a').ended(badKey);
    go('b').ended(badKey);
    go('c').ended(silent);
    go('d').ended(badKey);
    expect(isHeld('e')).toBe(false);
  });
});

describe('people go first', () => {
  test('what they wait for is tried all the same, each need once a second; rounds are held back', () => {
    fail(silent);
    for (let second = 0; second < 3; second++) {
      for (const need of ['off', 'on', 'look'] as const) {
        go('a', need).ended(silent);
        expect(isHeld('a', need)).toBe(true);
      }
      expect(isHeld()).toBe(true);
      now += 1000;
    }
    expect(breakers.troubles(cloud)[0]?.nextTryAt).toBe(1_000_000 + 5000); // their tries make no pause longer
    go('a', 'on').ended('worked');
    expect(isHeld()).toBe(false);
  });

  test('when the account is held back, its people share one try a second; a switch-off never waits for an on', () => {
    fail(badKey);
    go('b', 'on').ended(badKey);
    expect([isHeld('c', 'on'), isHeld('d', 'off')]).toEqual([true, false]);
  });
});

describe('a vendor that says when', () => {
  const wait = (retryAfterSeconds: number): Failure => ({
    reason: 'busy',
    error: 'status 429',
    wholeConnection: true,
    retryAfterSeconds,
  });

  test('is not asked before by rounds, from its first word on; by people rarely', () => {
    go().ended(wait(300));
    expect(ask('b')).toMatchObject({ kind: 'held', reason: 'busy' });
    now += 299_000;
    expect(isHeld('b')).toBe(true);
    go('c', 'on').ended('nothing');
    now += 4000;
    expect(isHeld('d', 'on')).toBe(true);
    now += 1000;
    expect(isHeld('d', 'on')).toBe(false);
    now += 12_000; // a little later than it said, so that not all come at once
    expect(isHeld('b')).toBe(false);
  });

  test('says so to people who try meanwhile: that counts from then', () => {
    go().ended(wait(10));
    now += 5000;
    go('a', 'on').ended(wait(60));
    expect(breakers.troubles(cloud)[0]?.nextTryAt).toBeGreaterThanOrEqual(now + 60_000);
  });

  test('for days: it is asked again within the hour', () => {
    go().ended(wait(86_400));
    expect(breakers.troubles(cloud)[0]?.nextTryAt).toBeLessThanOrEqual(now + 66 * 60_000);
  });
});
