import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccountId, PersonId } from '../ids.ts';
import { type AccessFacts, type Credential, decide, type Mode, type Place } from './decide.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const person = 7 as PersonId;
const account = 'acc_1' as AccountId;
const credential = (change: Partial<Credential> = {}): Credential => ({
  kind: 'link',
  accountId: null,
  personId: null,
  state: 'active',
  fits: true,
  validFrom: null,
  validUntil: null,
  usesLeft: null,
  ...change,
});
const place = (change: Partial<Place> = {}): Place => ({ kind: 'door', status: 'ACTIVE', mode: null, ...change });
const reason = (c: Partial<Credential> = {}, p: Partial<Place> = {}): string =>
  decide({ place: place(p), credential: credential(c) }, now).reason;

test('what is plainly right opens', () => {
  expect(reason()).toBe('valid');
  expect(reason({ validFrom: now - 1, validUntil: now + 1, usesLeft: 1 })).toBe('valid');
});

test.each<[string, Partial<Credential>, Partial<Place>]>([
  ['unknown-credential', { state: 'unknown' }, {}],
  ['wrong-place', { fits: false }, {}],
  ['suspended', { state: 'suspended' }, {}],
  ['ended', { state: 'ended' }, {}],
  ['not-yet-valid', { validFrom: now + 1 }, {}],
  ['expired', { validUntil: now }, {}],
  ['expired', { validUntil: now - 1 }, {}],
  ['used-up', { usesLeft: 0 }, {}],
  ['used-up', { usesLeft: Number.NaN }, {}],
  ['maintenance', {}, { status: 'MAINTENANCE' }],
  ['unreadable-dates', { validFrom: Number.NaN }, {}],
  ['unreadable-dates', { validUntil: Number.NaN }, {}],
  ['unreadable-dates', { validUntil: Number.POSITIVE_INFINITY }, {}],
])('%s is denied with that reason: %j %j', (expected, c, p) => {
  expect(decide({ place: place(p), credential: credential(c) }, now)).toEqual({ decision: 'denied', reason: expected });
});

test('a window is half-open: its first moment opens, its last does not', () => {
  expect(reason({ validFrom: now })).toBe('valid');
  expect(reason({ validUntil: now })).toBe('expired');
});

test('in maintenance staff enters, and who has paid before', () => {
  expect(reason({ kind: 'staff' }, { status: 'MAINTENANCE' })).toBe('valid');
  expect(reason({ kind: 'pass' }, { status: 'MAINTENANCE' })).toBe('valid');
  expect(reason({ kind: 'card' }, { status: 'MAINTENANCE' })).toBe('maintenance');
});

describe('a lockdown', () => {
  const mode: Mode = { kind: 'lockdown', people: [person], accounts: [account] };
  test('lets in who is named, where they would come in otherwise, and nobody else', () => {
    expect(reason({ personId: person }, { mode })).toBe('valid');
    expect(reason({ kind: 'staff', accountId: account }, { mode })).toBe('valid');
    expect(reason({ personId: person, validUntil: now }, { mode })).toBe('expired');
    expect(reason({}, { mode })).toBe('lockdown');
    expect(reason({ kind: 'staff', accountId: 'acc_2' as AccountId }, { mode })).toBe('lockdown');
    expect(reason({ personId: 8 as PersonId }, { mode })).toBe('lockdown');
  });
});

test('where all is open, whatever was once given for the place opens it', () => {
  const mode: Mode = { kind: 'open-all' };
  expect(reason({ validUntil: now - 1, state: 'suspended' }, { mode, status: 'MAINTENANCE' })).toBe('open-all');
  expect(reason({ fits: false }, { mode })).toBe('wrong-place');
  expect(reason({ state: 'unknown' }, { mode })).toBe('unknown-credential');
});

const instants = fc.oneof(
  fc.constant(null),
  fc.integer({ min: now - 1000, max: now + 1000 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, now),
);
const modes = fc.oneof(
  fc.constant<Mode | null>(null),
  fc.constant<Mode>({ kind: 'open-all' }),
  fc.record<Mode & { kind: 'lockdown' }>({
    kind: fc.constant('lockdown'),
    people: fc.subarray([person, 8 as PersonId]),
    accounts: fc.subarray([account]),
  }),
);
const anyFacts: fc.Arbitrary<AccessFacts> = fc.record({
  place: fc.record({
    kind: fc.constantFrom('door', 'lock'),
    status: fc.constantFrom('ACTIVE', 'PASSAGE', 'MAINTENANCE'),
    mode: modes,
  }),
  credential: fc.record({
    kind: fc.constantFrom('staff', 'pass', 'pin', 'link', 'card', 'barcode', 'partner'),
    accountId: fc.constantFrom(null, account),
    personId: fc.constantFrom(null, person),
    state: fc.constantFrom('active', 'suspended', 'ended', 'unknown'),
    fits: fc.boolean(),
    validFrom: instants,
    validUntil: instants,
    usesLeft: fc.oneof(fc.constant(null), fc.integer({ min: -1, max: 2 }), fc.constant(Number.NaN)),
  }),
});

describe('whatever is presented', () => {
  test('is answered, the same each time, with a reason of its own decision', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const one = decide(facts, now);
        expect(decide(structuredClone(facts), now)).toEqual(one);
        expect(one.decision === 'granted').toBe(one.reason === 'valid' || one.reason === 'open-all');
      }),
    );
  });

  test('as ever: what is granted is active, for this place, in its window, and not used up', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (facts.place.mode?.kind === 'open-all') return;
        if (decide(facts, now).decision === 'denied') return;
        const { state, fits, validFrom, validUntil, usesLeft } = facts.credential;
        expect([state, fits]).toEqual(['active', true]);
        expect((validFrom ?? now) <= now && (validUntil ?? now + 1) > now).toBe(true);
        expect(usesLeft === null || usesLeft > 0).toBe(true);
      }),
    );
  });

  test('a lockdown only takes away', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const asEver = decide({ ...facts, place: { ...facts.place, mode: null } }, now);
        const people = facts.credential.personId === null ? [] : [facts.credential.personId];
        const named: Mode = { kind: 'lockdown', people, accounts: [] };
        const none: Mode = { kind: 'lockdown', people: [], accounts: [] };
        expect(decide({ ...facts, place: { ...facts.place, mode: none } }, now).decision).toBe('denied');
        const down = decide({ ...facts, place: { ...facts.place, mode: named } }, now);
        if (people.length > 0) expect(down).toEqual(asEver);
        else expect(down.decision).toBe('denied');
      }),
    );
  });
});
