import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../instant.ts';
import { mayTell, programsKey, type Sale, type SaleState, saleState, wishEnds } from './wish.ts';

const now = Date.UTC(2026, 5, 12, 12);
const free: Sale = { open: true, availability: 'ready', inUse: false, held: false, sells: true };

test.each<[string, Partial<Sale>, SaleState]>([
  ['nothing stands in the way', {}, 'free'],
  ['a run is under way', { inUse: true }, 'busy'],
  ['somebody is paying', { held: true }, 'busy'],
  ['it does not answer', { availability: 'offline' }, 'busy'],
  ['its last reading is old', { availability: 'unknown' }, 'busy'],
  ['staff has switched it on', { availability: 'switched-on' }, 'busy'],
  ['it is closed', { open: false }, 'closed'],
  ['it is closed and in use', { open: false, inUse: true }, 'closed'],
  ['it is looked after', { availability: 'maintenance' }, 'maintenance'],
  ['it is looked after and in use', { availability: 'maintenance', inUse: true }, 'maintenance'],
  ['no program may begin any more', { sells: false }, 'not-for-sale'],
  ['no program may begin any more, and it is in use', { sells: false, inUse: true }, 'not-for-sale'],
])('%s', (_, change, state) => {
  expect(saleState({ ...free, ...change })).toBe(state);
});

test.each([
  ['always open', null, now + hours(12)],
  ['closes soon', now + minutes(30), now + minutes(30)],
  ['closes tomorrow', now + hours(20), now + hours(12)],
])('a wish ends: %s', (_, closesAt, end) => {
  expect(wishEnds(now, closesAt)).toBe(end);
});

describe('the next in line is told', () => {
  test.each([
    ['when nobody was told yet', null, true],
    ['not while the first may be on their way', { at: now - minutes(9), usedSince: false }, false],
    ['after ten minutes', { at: now - minutes(10), usedSince: false }, true],
    ['when it was used meanwhile', { at: now - minutes(1), usedSince: true }, true],
  ])('%s', (_, told, may) => {
    expect(mayTell(told, now)).toBe(may);
  });
});

test.each<[string, string[], string[], boolean]>([
  ['the same programs in another order', ['Wash', 'Rinse'], ['Rinse', 'Wash'], true],
  ['written differently', ['Wash '], ['wash'], true],
  ['one program more', ['Wash'], ['Wash', 'Rinse'], false],
  ['others', ['Wash'], ['Dry'], false],
])('machines are alike: %s', (_, one, other, alike) => {
  expect(programsKey(one) === programsKey(other)).toBe(alike);
});

test('without programs none is like another', () => {
  expect(programsKey([])).toBe(null);
});
