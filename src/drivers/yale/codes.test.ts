import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../host/clock.ts';
import { hours, minutes } from '../../rules/instant.ts';
import type { LockCommand, LockOutcome } from '../lock-port.ts';
import { closePlaces, place, soon } from './testing/place.ts';

afterEach(closePlaces);

const pin = '5938';
const setting = (from: number, until: number | null, digits = pin): LockCommand => ({
  kind: 'set-pin',
  pin: digits,
  slot: null,
  window: { from, until },
  name: 'Guest',
});
const referenceOf = (outcome: LockOutcome): string => ('gave' in outcome ? (outcome.gave?.reference ?? '') : '');

test('a code opens in its exact window, is changed under the same name, and taken away', async () => {
  const { perform, yale, id, now, ahead, locks, ref } = await place();
  const window = { from: now() + minutes(3), until: now() + minutes(40) };
  const set = await perform('Front', setting(window.from, window.until));
  expect(set).toMatchObject({ kind: 'confirmed', gave: { slot: 1 } });
  const reference = referenceOf(set);
  expect(await locks.codes?.(ref('Front'), soon())).toEqual([{ reference, slot: 1, pin, name: 'Guest', window }]);
  expect(yale.press(id('Front'), pin).why).toBe('not-now');
  ahead(minutes(3));
  expect(yale.press(id('Front'), pin).opened).toBe(true);
  const later = { from: window.from, until: window.until + minutes(30) };
  const changed = await perform('Front', { kind: 'change-pin', reference, pin: '7192', window: later });
  expect(changed.kind).toBe('confirmed');
  expect(yale.press(id('Front'), pin).opened).toBe(false);
  ahead(minutes(50));
  expect(yale.press(id('Front'), '7192').opened).toBe(true);
  expect((await perform('Front', { kind: 'clear-pin', reference, slot: null })).kind).toBe('confirmed');
  expect(yale.codesOnLock(id('Front'))).toEqual([]);
  expect(await perform('Front', { kind: 'clear-pin', reference, slot: null })).toMatchObject({
    reason: 'code-missing',
  });
});

test('leading zeros stay, and a code without an end that begins later does not open before', async () => {
  const { perform, yale, id, now, ahead, locks, ref } = await place();
  const window = { from: now() + hours(2), until: null };
  expect((await perform('Front', setting(window.from, null, '0042'))).kind).toBe('confirmed');
  expect(yale.press(id('Front'), '0042').why).toBe('not-now');
  expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ pin: '0042', window }]);
  ahead(hours(24 * 365 * 5));
  expect(yale.press(id('Front'), '0042').opened).toBe(true);
});

test('a lock of the first generation is given codes that open always, and no others', async () => {
  const { perform, yale, id, now } = await place();
  expect((await perform('Old', setting(now() + hours(1), now() + hours(2)))).kind).toBe('confirmed');
  expect(yale.codesOnLock(id('Old'))).toMatchObject([{ accessType: 'always' }]);
});

test('a code that somebody else has is refused; one of ours that is on already is found again', async () => {
  const { perform, now, yale, id } = await place();
  const first = await perform('Front', setting(now(), now() + hours(1)));
  const again = await perform('Front', setting(now(), now() + hours(1)));
  expect(again).toMatchObject({ kind: 'confirmed', gave: { reference: referenceOf(first) } });
  expect(yale.counts(id('Front')).pinLoads).toBe(1);
  const other = await perform('Front', setting(now(), now() + hours(5)));
  expect(other).toMatchObject({ kind: 'refused', reason: 'code-taken' });
  const wrong = await perform('Front', setting(now(), null, '12'));
  expect(wrong).toMatchObject({ kind: 'refused', reason: 'vendor' });
});

test('a code for a lock where the account is a guest is refused as not permitted', async () => {
  const { perform, now, locks, ref } = await place();
  expect(await perform('Neighbour', setting(now(), null))).toMatchObject({ kind: 'refused', reason: 'not-permitted' });
  await expect(locks.codes?.(ref('Neighbour'), soon())).rejects.toThrow(/may not do this/);
});

test('no slot left is told as such', async () => {
  const { perform, now } = await place({ slots: 1 });
  await perform('Front', setting(now(), null));
  expect(await perform('Front', setting(now(), null, '7192'))).toMatchObject({ kind: 'refused', reason: 'code-full' });
});

test('a code for a lock that cannot be reached is not left with the cloud for later', async () => {
  const { perform, yale, id, bridgeId, now } = await place();
  yale.setBridge(bridgeId, { online: false });
  expect(await perform('Front', setting(now(), null))).toMatchObject({ kind: 'refused', reason: 'bridge-offline' });
  expect(await perform('Cellar', setting(now(), null))).toMatchObject({ kind: 'refused', reason: 'no-bridge' });
  expect(await perform('Vault', setting(now(), null))).toMatchObject({ kind: 'refused', reason: 'unsupported' });
  yale.setBridge(bridgeId, { online: true });
  await yale.settled();
  expect(yale.counts(id('Front')).pinLoads).toBe(0);
});

test('a code that the lock has not answered for is taken and no more, and found when it has', async () => {
  const { locks, ref, yale, id, now, bridgeId } = await place();
  yale.setCondition(id('Front'), 'silent', true);
  const slow = await locks.perform(ref('Front'), setting(now(), null), systemClock.deadline(900));
  expect(slow).toMatchObject({ kind: 'accepted' });
  expect(await locks.codes?.(ref('Front'), soon())).toEqual([]);
  yale.setCondition(id('Front'), 'silent', false);
  yale.setBridge(bridgeId, { busy: false }); // the cloud tries again
  await yale.settled();
  expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ reference: referenceOf(slow), pin }]);
});
