import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OrganizationId } from '../ids.ts';
import { canonical, type Json } from './canonical.ts';
import { commitment, type Entry, entryHash, genesis, type PersonalField, verify, verifyEnd } from './chain.ts';

type Kept = Entry & { personal: PersonalField[] };

function chainOf(details: readonly Json[]): Kept[] {
  const entries: Kept[] = [];
  let previousHash = genesis.hash;
  for (const [i, detail] of details.entries()) {
    const personal = [{ field: 'email', value: `someone${i}@example.com`, salt: Buffer.alloc(16, i) }];
    const content = {
      organizationId: 'org_1' as OrganizationId,
      number: i + 1,
      at: 1_700_000_000_000 + i,
      category: 'devices',
      action: 'device changed',
      accountId: null,
      entity: 'Device',
      entityId: 'dev_1',
      details: detail,
      commitments: Object.fromEntries(personal.map((field) => [field.field, commitment(field)])),
    };
    const hash = entryHash(content, previousHash);
    entries.push({ ...content, previousHash, hash, personal });
    previousHash = hash;
  }
  return entries;
}

const five = (): Kept[] => chainOf([{ a: 1 }, { b: [true, null] }, 'text', 4, {}]);
const faultOf = (entries: Kept[]) => verify(entries).fault;

function change(entries: Kept[], index: number, part: Partial<Kept>): Kept[] {
  return entries.map((entry, i) => (i === index ? { ...entry, ...part } : entry));
}

describe('the audit chain', () => {
  test('verifies as it was made, whole or in pieces', () => {
    const entries = five();
    const first = verify(entries.slice(0, 2));
    expect(verify(entries)).toMatchObject({ fault: null, head: { number: 5 } });
    expect(first.fault === null && verify(entries.slice(2), first.head)).toMatchObject({
      fault: null,
      head: { number: 5 },
    });
    expect(verify([])).toEqual({ fault: null, head: genesis });
  });

  test.each<[string, Partial<Kept>]>([
    ['time', { at: 1 }],
    ['action', { action: 'device deleted' }],
    ['details', { details: { a: 2 } }],
    ['entity', { entityId: 'dev_2' }],
    ['commitments', { commitments: {} }],
    ['hash', { hash: Buffer.alloc(32) }],
    ['organization', { organizationId: 'org_2' as OrganizationId }],
  ])('finds a changed %s', (_, part) => {
    expect(faultOf(change(five(), 2, { ...part, personal: [] }))).toEqual({ number: 3, kind: 'changed' });
  });

  test('finds an entry changed together with its hash', () => {
    const entries = five();
    const forged = chainOf([{ a: 1 }, { b: 'forged' }])[1];
    expect(forged && faultOf(change(entries, 1, forged))).toEqual({ number: 3, kind: 'unlinked' });
  });

  test('finds a removed, a swapped and a doubled entry', () => {
    const [a, b, c, d, e] = five() as [Kept, Kept, Kept, Kept, Kept];
    expect(faultOf([a, b, d, e])).toEqual({ number: 3, kind: 'missing' });
    expect(faultOf([b, c])).toEqual({ number: 1, kind: 'missing' });
    expect(faultOf([a, c, b, d])).toEqual({ number: 2, kind: 'missing' });
    expect(faultOf([a, { ...c, number: 2 }, { ...b, number: 3 }])).toEqual({ number: 2, kind: 'unlinked' });
    expect(faultOf([a, b, b])).toEqual({ number: 3, kind: 'missing' });
  });

  test('finds that the end was cut off', () => {
    const entries = five();
    const whole = verify(entries);
    const cut = verify(entries.slice(0, 3));
    expect(whole.fault === null && cut.fault === null && verifyEnd(cut.head, whole.head)).toEqual({
      number: 4,
      kind: 'cut',
    });
    expect(whole.fault === null && verifyEnd(whole.head, whole.head)).toBeNull();
  });

  test('verifies when personal fields were erased, not when they were altered or added', () => {
    const entries = five();
    const altered = { field: 'email', value: 'other@example.com', salt: Buffer.alloc(16, 2) };
    const added = { field: 'ip', value: '10.0.0.1', salt: Buffer.alloc(16, 2) };
    expect(faultOf(change(entries, 2, { personal: [] }))).toBeNull();
    expect(faultOf(change(entries, 2, { personal: [altered] }))).toEqual({ number: 3, kind: 'personal' });
    expect(faultOf(change(entries, 2, { personal: [added] }))).toEqual({ number: 3, kind: 'personal' });
  });

  test('is the same whatever order the keys of details were in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonical(reversed)).toBe(canonical(value));
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each([Number.NaN, undefined, 1n])('refuses what JSON cannot hold: %s', (value) => {
    expect(() => canonical(value)).toThrow();
  });
});
