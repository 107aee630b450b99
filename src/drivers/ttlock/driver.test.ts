import { afterEach, describe, expect, test } from 'vitest';
import type { TtlockSimulator } from '../../../simulators/ttlock/start.ts';
import { systemClock } from '../../host/clock.ts';
import { hours, minutes } from '../../rules/instant.ts';
import type { LockDriver, LockHardware } from '../lock-port.ts';
import { afternoon, closePlaces, place, soon } from './testing/place.ts';
import { ttlockDriver } from './testing/ttlock-rig.ts';

afterEach(closePlaces);

const named = (all: LockHardware[], name: string) => all.find((one) => one.name === name);

describe('the list of locks', () => {
  test('tells what each can do by the way it is reached, and which gateway hears it', async () => {
    const { ttlock, locks, id } = await place();
    const [, yard] = ttlock.gateways();
    ttlock.setGateway(yard?.gatewayId ?? 0, { online: false });
    const all = await locks.list(soon());
    expect(all.map(({ name }) => name).toSorted()).toEqual(['Bombay', 'Cellar', 'Front', 'Gate', 'Roof', 'Vault']);
    expect(named(all, 'Front')).toMatchObject({
      ref: { hardwareId: String(id('Front')) },
      model: 'SN9206_PV53',
      firmware: '6.0.6.210622',
      mac: expect.stringMatching(/^([0-9A-F]{2}:){5}/),
      battery: 90,
      bridge: { id: String(ttlock.gateways()[0]?.gatewayId), online: true },
      capabilities: {
        unlock: true,
        lock: true,
        tellsBolt: true,
        passage: true,
        issuesQr: true,
        issuesCodes: { granularity: hours(1) },
        keypad: { lengthMin: 4, lengthMax: 9, keepsWindows: true },
      },
    });
    expect(named(all, 'Gate')).toMatchObject({ bridge: { online: false }, capabilities: { issuesQr: false } });
    expect(named(all, 'Roof')).toMatchObject({ bridge: null, capabilities: { unlock: true, tellsBolt: true } });
    expect(named(all, 'Cellar')).toMatchObject({
      bridge: null,
      capabilities: { unlock: false, tellsBolt: false, keypad: null, issuesCodes: { granularity: hours(1) } },
    });
    expect(named(all, 'Vault')).toMatchObject({ capabilities: { unlock: true, keypad: null, issuesCodes: null } });
  });

  test('is one of many pages where an account has many', async () => {
    const many = Array.from({ length: 1203 }, (_, n) => ({ name: `Room ${n}`, lockId: 5000 + n }));
    const { locks, ttlock } = await place({ gateways: [], locks: many });
    expect((await locks.list(soon())).length).toBe(1203);
    expect(ttlock.requests().filter(({ path }) => path === '/v3/lock/list').length).toBe(2);
    expect(ttlock.requests().length).toBeLessThan(50); // the platform counts them by the month
  });
});

describe('the bolt', () => {
  test('is seen after it was moved', async () => {
    const { perform, ttlock, id } = await place();
    expect(await perform('Front', { kind: 'unlock' })).toMatchObject({
      kind: 'confirmed',
      observation: { kind: 'lock', bolt: 'unlocked', bridgeOnline: true },
    });
    expect(await perform('Front', { kind: 'lock' })).toMatchObject({
      kind: 'confirmed',
      observation: { bolt: 'locked' },
    });
    expect(ttlock.counts(id('Front'))).toMatchObject({ remoteOpens: 1, remoteLocks: 1 });
  });

  test('that does not move is in doubt, and never asked a second time', async () => {
    const { perform, ttlock, id } = await place();
    ttlock.setCondition(id('Front'), 'jammed', true);
    expect(await perform('Front', { kind: 'unlock' })).toMatchObject({ kind: 'unknown' });
    expect(ttlock.requests().filter(({ path }) => path === '/v3/lock/unlock').length).toBe(1);
  });

  test('of a busy gateway is not asked again by the driver', async () => {
    const { perform, ttlock } = await place();
    ttlock.setGateway(ttlock.gateways()[0]?.gatewayId ?? 0, { busy: true });
    expect(await perform('Front', { kind: 'unlock' })).toMatchObject({ kind: 'refused', reason: 'busy' });
    expect(ttlock.requests().filter(({ path }) => path === '/v3/lock/unlock').length).toBe(1);
  });

  test('a round hears of the battery as it is now, not as the platform has stored it', async () => {
    const { locks, ref, ttlock, id } = await place();
    ttlock.setBattery(id('Front'), 41);
    expect(await locks.observe(ref('Front'), soon(), 'background')).toMatchObject({ bolt: 'locked', battery: 41 });
    expect(await locks.observe(ref('Front'), soon())).toMatchObject({ bolt: 'locked', battery: null });
  });
});

test('free passage opens by itself in its hours, and is ended', async () => {
  const { perform, ttlock, id, ahead } = await place();
  const schedule = { weekdays: [5], allDay: false, fromMinute: 15 * 60, untilMinute: 16 * 60 };
  expect((await perform('Front', { kind: 'passage', schedule })).kind).toBe('confirmed');
  expect(ttlock.lock(id('Front')).inPassage).toBe(false);
  ahead(minutes(30));
  expect(ttlock.lock(id('Front'))).toMatchObject({ inPassage: true, locked: false });
  expect((await perform('Front', { kind: 'passage', schedule: null })).kind).toBe('confirmed');
  expect(ttlock.lock(id('Front'))).toMatchObject({ inPassage: false, locked: true });
});

describe('the book of a lock', () => {
  test('tells who came in and how, oldest first, and what was refused', async () => {
    const { perform, ttlock, id, locks, ref, now, ahead } = await place();
    const since = now();
    const pin = '593817';
    await perform('Front', { kind: 'set-pin', pin, slot: null, window: { from: now(), until: null }, name: 'Cleaner' });
    ttlock.press(id('Front'), pin);
    ahead(minutes(1));
    ttlock.press(id('Front'), '000111');
    ahead(minutes(1));
    await perform('Front', { kind: 'unlock' });
    ahead(minutes(1));
    await perform('Front', { kind: 'lock' });
    ahead(minutes(1));
    ttlock.turnByHand(id('Front'));
    const records = (await locks.records?.(ref('Front'), since, soon())) ?? [];
    expect(records.map(({ by, did, pin: digits, who }) => [by, did, digits, who])).toEqual([
      ['pin', 'unlocked', pin, 'Cleaner'],
      ['pin', 'refused', '000111', null],
      ['remote', 'unlocked', null, null],
      ['remote', 'locked', null, null],
      ['manual', 'unlocked', null, null],
    ]);
    expect(records[0]).toMatchObject({ at: afternoon, battery: expect.any(Number) });
    expect(new Set(records.map(({ id: one }) => one)).size).toBe(records.length);
    expect(JSON.stringify(records.map(({ id: one }) => one))).not.toContain(pin);
    expect(await locks.records?.(ref('Front'), now(), soon())).toHaveLength(1);
  });

  test('what is pushed bears the same names as what is listed, and tells how the bolt is', async () => {
    const { ttlock, locks, ref, id, now } = await place({ callbackUrl: 'http://127.0.0.1:9/nobody' });
    await locks.observe(ref('Front'), soon()); // before anybody signs in nothing is pushed
    ttlock.setCodeAtLock(id('Front'), '918273');
    ttlock.press(id('Front'), '918273');
    const [push] = ttlock.pushes();
    const told = locks.receive?.(push?.body ?? '');
    const listed = await locks.records?.(ref('Front'), now() - hours(1), soon());
    expect(told).toEqual([
      {
        ref: ref('Front'),
        records: listed,
        observation: { kind: 'lock', bolt: 'unlocked', door: null, battery: 90, bridgeOnline: true, at: now() },
      },
    ]);
  });

  test.each([
    '',
    'hello',
    'lockId=1&notifyType=1',
    'lockId=1&notifyType=1&records=[',
    'lockId=1&notifyType=1&records=[{"recordType":"4"}]',
    'lockId=x&notifyType=1&records=[]',
    'lockId=1&notifyType=2&records=[]',
    `lockId=1&notifyType=1&records=${'['.repeat(20_000)}`,
  ])('what is no such form is none: %j', async (body) => {
    const { locks } = await place();
    expect(locks.receive?.(body)).toBeNull();
  });
});

describe('tokens', () => {
  const signIns = (ttlock: TtlockSimulator): number =>
    ttlock.requests().filter(({ path }) => path === '/oauth2/token').length;
  const look = (locks: LockDriver, ref: { hardwareId: string }) => locks.observe(ref, soon());

  test('are fetched once and used until they end, then renewed before they do', async () => {
    const { locks, ref, ttlock, ahead } = await place({ tokenSeconds: 3600 });
    for (let n = 0; n < 5; n++) await look(locks, ref('Front'));
    expect(signIns(ttlock)).toBe(1);
    ahead(minutes(59) + 30_000);
    expect((await look(locks, ref('Front'))).kind).toBe('lock');
    expect(signIns(ttlock)).toBe(2);
    expect(ttlock.requests().every(({ errcode }) => errcode === null || errcode === 0)).toBe(true);
  });

  test('that were revoked, refresh token and all, are had anew by the password, once', async () => {
    const { locks, ref, ttlock } = await place();
    await look(locks, ref('Front'));
    ttlock.revokeTokens();
    expect((await look(locks, ref('Front'))).kind).toBe('lock');
    expect(ttlock.requests().map(({ path, errcode }) => [path.split('/').at(-1), errcode])).toEqual([
      ['token', null],
      ['queryOpenState', null],
      ['queryOpenState', 10004],
      ['token', 10011],
      ['token', null],
      ['queryOpenState', null],
    ]);
  });

  test('many who ask at once sign in once', async () => {
    const { locks, ttlock } = await place();
    await Promise.all(Array.from({ length: 10 }, () => locks.list(soon())));
    expect(signIns(ttlock)).toBe(1);
  });

  test('a changed password is ours to mend, and tells no secret', async () => {
    const { locks, ref, ttlock } = await place();
    ttlock.changePassword('another');
    const seen = await look(locks, ref('Front'));
    expect(seen).toMatchObject({ kind: 'unreachable', reason: 'credentials', wholeConnection: true });
    expect(JSON.stringify(seen)).not.toMatch(/[0-9a-f]{32}/);
  });

  test('of another region say which server to choose', async () => {
    const { ttlock, now } = await place();
    const other = { ...ttlock, url: ttlock.otherRegionUrl };
    const locks = await ttlockDriver(other, { ...systemClock, now });
    await expect(locks.list(soon())).rejects.toThrow(/another region: choose another server/);
  });

  test('a clock that is off is told as such', async () => {
    const { ttlock, now } = await place();
    const locks = await ttlockDriver(ttlock, { ...systemClock, now: () => now() + minutes(7) });
    await expect(locks.list(soon())).rejects.toThrow(/clock of this machine/);
  });

  test('a used-up month is not asked again at once', async () => {
    const { ttlock, locks } = await place();
    ttlock.setLimits({ perMonth: 0 });
    const failed = locks.list(soon());
    await expect(failed).rejects.toMatchObject({
      reason: 'busy',
      facts: { wholeConnection: true, retryAfterSeconds: 900 },
    });
  });
});
