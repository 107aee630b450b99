import { afterEach, describe, expect, test } from 'vitest';
import type { LockCondition } from '../../../simulators/yale/start.ts';
import { hours, minutes } from '../../rules/instant.ts';
import { closePlaces, place, soon } from './testing/place.ts';

afterEach(closePlaces);

describe('signing in', () => {
  test('by a person wants the mailed code once, and never again for this installation', async () => {
    const { driver, yale, locks } = await place({ way: { installId: 'installation-of-ours' } });
    await expect(locks.list(soon())).rejects.toThrow(/does not know this installation yet/);
    expect(await driver.signIn?.({ kind: 'begin' })).toEqual({ kind: 'code-sent', to: yale.account.email });
    const [code = ''] = yale.mailedCodes();
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await driver.signIn?.({ kind: 'code', code: wrong })).toEqual({ kind: 'code-wrong' });
    expect(await driver.signIn?.({ kind: 'code', code })).toEqual({ kind: 'signed-in' });
    expect(await locks.list(soon())).toHaveLength(5);
    yale.barTokens({ refreshToo: true });
    expect(await locks.list(soon())).toHaveLength(5);
    expect(yale.mailedCodes()).toHaveLength(1);
  });

  test('is begun anew where the cloud has forgotten the installation, whatever token is still kept', async () => {
    const { driver, yale, locks } = await place();
    expect(await locks.list(soon())).toHaveLength(5);
    yale.forgetInstalls();
    await expect(locks.list(soon())).rejects.toThrow(/does not know this installation yet/);
    expect(await driver.signIn?.({ kind: 'begin' })).toEqual({ kind: 'code-sent', to: yale.account.email });
    const code = yale.mailedCodes().at(-1) ?? '';
    expect(await driver.signIn?.({ kind: 'code', code })).toEqual({ kind: 'signed-in' });
    expect(await driver.signIn?.({ kind: 'begin' })).toEqual({ kind: 'signed-in' });
  });

  test('with a wrong password is ours to mend, and tells no secret', async () => {
    const { driver, yale, locks } = await place();
    yale.changePassword('another');
    const said = await driver.signIn?.({ kind: 'begin' });
    expect(said).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(JSON.stringify(said)).not.toMatch(/front-door-key/);
    await expect(locks.list(soon())).rejects.toMatchObject({ reason: 'credentials', facts: { wholeConnection: true } });
  });

  test('by consent changes the refresh token each time, and goes on with the new one', async () => {
    const { locks, yale, ahead, asked } = await place({ way: 'oauth', tokenSeconds: 3600 });
    for (let n = 0; n < 3; n++) {
      expect(await locks.list(soon())).toHaveLength(5);
      ahead(hours(1));
    }
    expect(asked('/access_token')).toBe(3);
    yale.barTokens({ refreshToo: true });
    await expect(locks.list(soon())).rejects.toThrow(/consent anew/);
  });

  test('many who ask at once sign in once', async () => {
    const { locks, ref, asked } = await place();
    await Promise.all(Array.from({ length: 8 }, () => locks.observe(ref('Front'), soon(), 'background')));
    expect(asked('/session')).toBe(1);
  });

  test.each(['august', 'yale'] as const)('speaks with the headers of %s', async (family) => {
    const { locks, yale } = await place({ family });
    await locks.list(soon());
    expect(new Set(yale.requests().map((one) => one.family))).toEqual(new Set([family]));
  });
});

test('the list tells what each lock can do', async () => {
  const { locks, yale } = await place();
  const found = new Map((await locks.list(soon())).map((one) => [one.name, one]));
  expect(found.get('Front')).toMatchObject({
    battery: 90,
    bridge: { id: yale.bridges()[0]?.bridgeId, online: true },
    capabilities: { unlock: true, tellsDoor: true, keypad: { lengthMin: 4, lengthMax: 6, keepsWindows: true } },
  });
  expect(found.get('Old')?.capabilities.keypad).toMatchObject({ keepsWindows: false });
  expect(found.get('Vault')?.capabilities.keypad).toBeNull();
  expect(found.get('Neighbour')?.capabilities).toMatchObject({ unlock: true, keypad: null });
  expect(found.get('Cellar')).toMatchObject({ bridge: null, capabilities: { unlock: false, keypad: null } });
});

describe('an unlock', () => {
  test.each<[LockCondition | 'busy' | 'offline' | 'low', string, string | undefined]>([
    ['jammed', 'refused', 'jammed'],
    ['bluetooth-busy', 'refused', 'busy'],
    ['busy', 'refused', 'busy'],
    ['offline', 'refused', 'bridge-offline'],
    ['low', 'refused', 'low-battery'],
    ['overheated', 'refused', 'vendor'],
    ['silent', 'unknown', undefined],
    ['uncalibrated', 'unknown', undefined],
  ])('of a lock that is %s is %s', async (trouble, kind, reason) => {
    const { perform, yale, id, bridgeId } = await place();
    if (trouble === 'busy') yale.setBridge(bridgeId, { busy: true });
    else if (trouble === 'offline') yale.setBridge(bridgeId, { online: false });
    else if (trouble === 'low') yale.setBattery(id('Front'), 1);
    else yale.setCondition(id('Front'), trouble, true);
    expect(await perform('Front', { kind: 'unlock' })).toMatchObject(
      reason === undefined ? { kind } : { kind, reason },
    );
    const unlocks = yale.requests().filter(({ path }) => path.endsWith('/unlock'));
    expect(unlocks.map(({ path }) => path)).toEqual([`/remoteoperate/${id('Front')}/unlock`]);
  });

  test('of a lock that drops the connection is seen to have been done, and not sent again', async () => {
    const { perform, yale, id, asked } = await place();
    yale.setCondition(id('Front'), 'drops', true);
    expect(await perform('Front', { kind: 'unlock' })).toMatchObject({ kind: 'confirmed' });
    expect(yale.counts(id('Front')).remoteUnlocks).toBe(1);
    expect(asked(`/remoteoperate/${id('Front')}/unlock`)).toBe(1);
  });

  test('of a lock without a bridge, and of one that is not there, is refused by name', async () => {
    const { perform, locks } = await place();
    expect(await perform('Cellar', { kind: 'unlock' })).toMatchObject({ kind: 'refused', reason: 'no-bridge' });
    for (const hardwareId of ['F'.repeat(32), 'f'.repeat(32), '7', '../session']) {
      const outcome = await locks.perform({ hardwareId }, { kind: 'unlock' }, soon());
      expect(outcome).toMatchObject({ kind: 'refused', reason: 'not-found' });
    }
  });
});

describe('a round', () => {
  test('takes what the cloud has stored, and asks the lock itself where that is old', async () => {
    const { locks, ref, yale, id, ahead, asked, now } = await place();
    const since = now();
    ahead(minutes(5));
    const air = `/remoteoperate/${id('Front')}/status`;
    expect(await locks.observe(ref('Front'), soon(), 'background')).toMatchObject({
      bolt: 'locked',
      door: 'closed',
      battery: 90,
      at: since,
    });
    expect(asked(air)).toBe(0);
    yale.turnByHand(id('Front'));
    yale.moveDoor(id('Front'), true);
    expect(await locks.observe(ref('Front'), soon(), 'background')).toMatchObject({ bolt: 'unlocked', door: 'open' });
    ahead(hours(7));
    expect(await locks.observe(ref('Front'), soon(), 'background')).toMatchObject({ bolt: 'unlocked', at: now() });
    expect(asked(air)).toBe(1);
  });

  test('does not take for true what is stored of a lock whose bridge is away', async () => {
    const { locks, ref, yale, bridgeId } = await place();
    yale.setBridge(bridgeId, { online: false });
    expect(await locks.observe(ref('Front'), soon(), 'background')).toMatchObject({
      kind: 'unreachable',
      reason: 'bridge-offline',
      bridgeOnline: false,
    });
  });
});

test('the book tells who came in and how, with the digits only where they are still those of then', async () => {
  const { perform, yale, id, locks, ref, now, ahead } = await place();
  const since = now();
  const set = {
    kind: 'set-pin',
    pin: '5938',
    slot: null,
    window: { from: now(), until: null },
    name: 'Cleaner',
  } as const;
  const outcome = await perform('Front', set);
  yale.press(id('Front'), '5938');
  ahead(minutes(1));
  yale.turnByHand(id('Front'));
  ahead(minutes(1));
  await perform('Front', { kind: 'unlock' });
  const book = async () => (await locks.records?.(ref('Front'), since, soon())) ?? [];
  expect((await book()).map(({ by, did, pin, who }) => [by, did, pin, who])).toEqual([
    ['pin', 'unlocked', '5938', 'Cleaner'],
    ['manual', 'locked', null, null],
    ['remote', 'unlocked', null, 'Robin Owner'],
  ]);
  const reference = 'gave' in outcome ? (outcome.gave?.reference ?? '') : '';
  ahead(minutes(1));
  await perform('Front', { kind: 'change-pin', reference, pin: '7192', window: null });
  expect((await book())[0]).toMatchObject({ by: 'pin', pin: null });
  ahead(minutes(1));
  expect(await locks.records?.(ref('Front'), now(), soon())).toEqual([]);
});
