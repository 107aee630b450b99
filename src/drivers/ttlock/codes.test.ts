import { afterEach, describe, expect, test } from 'vitest';
import { hours, type Instant, minutes } from '../../rules/instant.ts';
import type { Gave, LockCommand, LockOutcome } from '../lock-port.ts';
import { closePlaces, place, soon } from './testing/place.ts';

afterEach(closePlaces);

const gaveOf = (outcome: LockOutcome): Gave => {
  if (!('gave' in outcome) || outcome.gave === undefined)
    throw new Error(`it gave nothing: ${JSON.stringify(outcome)}`);
  return outcome.gave;
};
describe('a code of our own', () => {
  const pin = '593817';

  test('opens in its exact window, is moved under the same name, and taken away', async () => {
    const { perform, ttlock, id, now, ahead, locks, ref } = await place();
    const window = { from: now() + minutes(3), until: now() + minutes(40) };
    const set = await perform('Front', { kind: 'set-pin', pin, slot: null, window, name: 'Guest' });
    expect(set).toMatchObject({ kind: 'confirmed' });
    const { reference = '' } = gaveOf(set);
    expect(await locks.codes?.(ref('Front'), soon())).toEqual([{ reference, slot: null, pin, name: 'Guest', window }]);
    expect(ttlock.press(id('Front'), pin).why).toBe('not-yet');
    ahead(minutes(3));
    expect(ttlock.press(id('Front'), pin).opened).toBe(true);
    const later = { from: window.from, until: window.until + minutes(30) };
    expect(await perform('Front', { kind: 'change-pin', reference, pin: '719264', window: later })).toMatchObject({
      kind: 'confirmed',
    });
    expect(ttlock.press(id('Front'), pin).opened).toBe(false);
    ahead(minutes(50));
    expect(ttlock.press(id('Front'), '719264').opened).toBe(true);
    expect((await perform('Front', { kind: 'clear-pin', reference, slot: null })).kind).toBe('confirmed');
    expect(ttlock.press(id('Front'), '719264').opened).toBe(false);
    expect(await locks.codes?.(ref('Front'), soon())).toEqual([]);
  });

  test('that begins and ends within a minute opens for all of both: a lock knows whole minutes', async () => {
    const { perform, ttlock, id, now, ahead, locks, ref } = await place();
    const minute = now() + minutes(3);
    const window = { from: minute + 20_000, until: minute + minutes(30) + 20_000 };
    const kept = { from: minute, until: minute + minutes(31) };
    const set = await perform('Front', { kind: 'set-pin', pin, slot: null, window, name: 'Guest' });
    const { reference = '', window: told } = gaveOf(set);
    expect(told).toEqual(kept);
    expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ window: kept }]);
    await perform('Front', { kind: 'change-pin', reference, pin: '719264', window });
    ahead(window.from - now());
    expect(ttlock.press(id('Front'), '719264').why).toBe('opened');
    ahead(window.until - 1000 - now());
    expect(ttlock.press(id('Front'), '719264').why).toBe('opened');
  });

  test('without an end that begins later does not open before', async () => {
    const { perform, ttlock, id, now, ahead, locks, ref } = await place();
    const window = { from: now() + hours(2), until: null };
    await perform('Front', { kind: 'set-pin', pin, slot: null, window, name: 'Cleaner' });
    expect(ttlock.press(id('Front'), pin).why).toBe('not-yet');
    expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ window }]);
    ahead(hours(24 * 365 * 5));
    expect(ttlock.press(id('Front'), pin).opened).toBe(true);
  });

  test('without an end that opens already is permanent', async () => {
    const { perform, locks, ref, now } = await place();
    const window = { from: now(), until: null };
    await perform('Front', { kind: 'set-pin', pin, slot: null, window, name: 'Owner' });
    expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ window: { until: null } }]);
  });

  test('with an end that no lock can count to has none: so it is told, and so it is read', async () => {
    const { perform, locks, ref, now } = await place();
    const window = { from: now(), until: Date.UTC(9999, 11, 31) };
    const set = await perform('Front', { kind: 'set-pin', pin, slot: null, window, name: 'Owner' });
    const { reference = '', window: given } = gaveOf(set);
    expect(given).toEqual({ from: window.from, until: null });
    expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ window: given }]);
    const changed = await perform('Front', { kind: 'change-pin', reference, pin: null, window });
    expect(gaveOf(changed).window).toEqual(given);
    expect(await locks.codes?.(ref('Front'), soon())).toMatchObject([{ window: given }]);
  });

  test('that is on it already, or was never there, is refused by its name', async () => {
    const { perform, now } = await place();
    const set: LockCommand = {
      kind: 'set-pin',
      pin,
      slot: null,
      window: { from: now(), until: now() + hours(1) },
      name: 'A',
    };
    await perform('Front', set);
    expect(await perform('Front', set)).toMatchObject({ kind: 'refused', reason: 'code-taken' });
    for (const reference of ['999', 'none', '-1']) {
      const cleared = await perform('Front', { kind: 'clear-pin', reference, slot: null });
      expect(cleared).toMatchObject({ kind: 'refused', reason: 'code-missing' });
    }
    expect(await perform('Front', { ...set, pin: '123456' })).toMatchObject({
      kind: 'refused',
      reason: 'code-refused',
    });
  });

  test('all pages of codes are read', async () => {
    const { perform, locks, ref, now } = await place();
    const window = { from: now(), until: now() + hours(1) };
    for (let n = 0; n < 103; n++) {
      await perform('Front', {
        kind: 'set-pin',
        pin: `5${String(n * 7).padStart(5, '0')}1`,
        slot: null,
        window,
        name: `${n}`,
      });
    }
    expect((await locks.codes?.(ref('Front'), soon()))?.length).toBe(103);
  });
});

describe('a code that the vendor chooses', () => {
  const window = (now: Instant) => ({ from: now, until: now + hours(1) });

  test('keeps whole hours around what was asked for, says so, and needs no gateway', async () => {
    const { perform, ttlock, id, now } = await place();
    const outcome = await perform('Cellar', { kind: 'issue-code', window: window(now()), once: false, name: 'Guest' });
    expect(outcome.kind).toBe('confirmed');
    const { code = '', window: real, reference } = gaveOf(outcome);
    expect(real).toEqual({ from: Date.UTC(2027, 0, 15, 14), until: Date.UTC(2027, 0, 15, 16) });
    expect(reference).toMatch(/^\d+$/);
    expect(ttlock.press(id('Cellar'), code).opened).toBe(true);
  });

  test('counts hours by the clock of the lock', async () => {
    const { perform, ttlock, id, now } = await place();
    const outcome = await perform('Bombay', { kind: 'issue-code', window: window(now()), once: false, name: 'Guest' });
    const { code = '', window: real } = gaveOf(outcome);
    expect(real).toEqual({ from: Date.UTC(2027, 0, 15, 14, 30), until: Date.UTC(2027, 0, 15, 16, 30) }); // 20:00 to 22:00
    expect(ttlock.press(id('Bombay'), code).opened).toBe(true);
  });

  test('for one opening opens once, within six hours', async () => {
    const { perform, ttlock, id, now } = await place();
    const outcome = await perform('Front', { kind: 'issue-code', window: window(now()), once: true, name: 'Guest' });
    const { code = '', window: real } = gaveOf(outcome);
    expect(real).toEqual({ from: Date.UTC(2027, 0, 15, 14), until: Date.UTC(2027, 0, 15, 20) });
    expect(ttlock.press(id('Front'), code).opened).toBe(true);
    expect(ttlock.press(id('Front'), code).opened).toBe(false);
  });

  test('without an end stays', async () => {
    const { perform, now } = await place();
    const without = { from: now(), until: null };
    const outcome = await perform('Front', { kind: 'issue-code', window: without, once: false, name: 'Owner' });
    expect(gaveOf(outcome).window).toEqual({ from: Date.UTC(2027, 0, 15, 14), until: null });
  });
});

describe('a QR code', () => {
  test('opens as long as its window, from the picture that was given at once', async () => {
    const { perform, ttlock, id, now, ahead } = await place();
    const window = { from: now(), until: now() + hours(1) };
    const { qr, reference = '' } = gaveOf(await perform('Front', { kind: 'issue-qr', window, name: 'Guest' }));
    const content = qr?.content ?? '';
    expect(qr?.link).toMatch(/^http/);
    ahead(minutes(55));
    expect(ttlock.scan(id('Front'), content).opened).toBe(true);
    ahead(minutes(6));
    expect(ttlock.scan(id('Front'), content).opened).toBe(false);
    expect((await perform('Front', { kind: 'revoke-qr', reference })).kind).toBe('accepted');
    expect(ttlock.qrCodes(id('Front'))).toEqual([]);
  });

  test.each([
    ['for three days', 3],
    ['without an end', null],
  ])('%s is shown by the platform’s page alone: a picture of ours would not last', async (_, days) => {
    const { perform, ttlock, id, now, ahead } = await place();
    const window = { from: now(), until: days === null ? null : now() + hours(24 * days) };
    const { qr } = gaveOf(await perform('Front', { kind: 'issue-qr', window, name: 'Guest' }));
    expect(qr?.content).toBeNull();
    ahead(hours(50));
    const shown = (await (await fetch(qr?.link ?? '')).json()) as { qrCodeContent: string };
    expect(ttlock.scan(id('Front'), shown.qrCodeContent).opened).toBe(true);
  });

  test('of a lock without a camera is not supported: a code has to do', async () => {
    const { perform, now } = await place();
    const window = { from: now(), until: now() + hours(1) };
    expect(await perform('Gate', { kind: 'issue-qr', window, name: 'Guest' })).toMatchObject({
      kind: 'refused',
      reason: 'unsupported',
    });
  });

  test('that lasts longer than what a picture holds is good for is a page alone: a picture of ours would be stale', async () => {
    const { perform, now } = await place();
    const issued = async (until: number) =>
      gaveOf(await perform('Front', { kind: 'issue-qr', window: { from: now(), until }, name: 'Guest' })).qr;
    expect(await issued(now() + hours(24))).toMatchObject({ content: expect.any(String) });
    expect(await issued(now() + hours(25))).toMatchObject({ content: null, link: expect.stringMatching(/^http/) });
  });

  test('that begins later has no picture yet, but a page that will show it', async () => {
    const { perform, now } = await place();
    const window = { from: now() + hours(5), until: now() + hours(6) };
    const outcome = await perform('Front', { kind: 'issue-qr', window, name: 'Guest' });
    expect(outcome.kind).toBe('confirmed');
    expect(gaveOf(outcome).qr).toMatchObject({ content: null, link: expect.stringMatching(/^http/) });
  });
});
