import { describe, expect, test } from 'vitest';
import { isReachedFromAfar, mayTryAgain, remoteAct, remoteCommands, triesOf } from './remote.ts';

test('a lock turns its bolt and is looked at; a latch is pulled where opening is all that it can', () => {
  const acts = (momentary: boolean) => remoteCommands.map((command) => remoteAct(command, { momentary }));
  const none = [null, null, null, null];
  expect(acts(false)).toEqual(['lock', 'unlock', 'look', null, null, null, 'look', null, ...none]);
  expect(acts(true)[remoteCommands.indexOf('unlatch')]).toBe('unlock');
});

test.each([
  [null, 3],
  [-5, 1],
  [0, 1],
  [1, 1],
  [2, 2],
  [99, 3],
])('of %j tries there are %i', (limit, tries) => {
  expect(triesOf(limit)).toBe(tries);
});

describe('again is tried only what surely had no effect', () => {
  test.each([
    [{ kind: 'confirmed' }, false],
    [{ kind: 'accepted' }, false],
    [{ kind: 'unknown' }, false],
    [{ kind: 'refused', reason: 'busy' }, true],
    [{ kind: 'refused', reason: 'unreachable' }, true],
    [{ kind: 'refused', reason: 'busy', wholeConnection: true }, false],
    [{ kind: 'refused', reason: 'busy', retryAfterSeconds: 900 }, false],
    [{ kind: 'refused', reason: 'bridge-offline' }, false],
    [{ kind: 'refused', reason: 'jammed' }, false],
  ])('%j: %j', (outcome, again) => {
    expect(mayTryAgain(outcome)).toBe(again);
  });
});

test('a lock without a gateway and without Wi-Fi is not reached from afar', () => {
  const lock = (bridge_id: string | null, unlock: boolean) =>
    isReachedFromAfar({ bridge_id, capabilities: { unlock } });
  expect([lock(null, false), lock(null, true), lock('7', false)]).toEqual([false, true, true]);
});
