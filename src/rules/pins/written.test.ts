import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../errors.ts';
import { type AccessType, accessTypes, readWritten, type Written } from './formats.ts';

/** Of the formats of times that programs write: whatever they send is read as it was meant, or refused by name. */
const where = { zone: 'Europe/Berlin', now: Date.parse('2026-03-02T10:00:00Z') };
const stamp = (at: number): string => new Date(at).toISOString();
const instants = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2090-01-01') });
const stretches = fc.tuple(instants, fc.integer({ min: 1, max: 400 * 86_400_000 }));

test('stamps and seconds of a temporary code are read as the instants that they are', () => {
  fc.assert(
    fc.property(stretches, fc.boolean(), fc.boolean(), ([from, length], backwards, trailing) => {
      const parts = [`DTSTART=${stamp(from)}`, `DTEND=${stamp(from + length)}`];
      const text = (backwards ? parts.toReversed() : parts).join(';') + (trailing ? ';' : '');
      const read = readWritten('temporary', { accessTimes: text }, where);
      expect(read).toEqual({ kind: 'temporary', from, until: from + length });
      const seconds = { accessTimes: `STARTSEC=${Math.floor(from / 1000)};ENDSEC=${Math.floor(from / 1000) + 60}` };
      const whole = from - (from % 1000);
      expect(readWritten('temporary', seconds, where)).toEqual({
        kind: 'temporary',
        from: whole,
        until: whole + 60_000,
      });
    }),
  );
});

test('an end that is not after the beginning is refused', () => {
  fc.assert(
    fc.property(stretches, ([end, before]) => {
      const accessTimes = `DTSTART=${stamp(end + before - 1)};DTEND=${stamp(end)}`;
      expect(() => readWritten('temporary', { accessTimes }, where)).toThrow(Problem);
    }),
  );
});

test('seconds of a day are kept as they are', () => {
  const second = fc.integer({ min: 0, max: 86_399 });
  fc.assert(
    fc.property(second, second, (startSecond, endSecond) => {
      const written = {
        accessTimes: `STARTSEC=${startSecond};ENDSEC=${endSecond}`,
        accessRecurrence: 'FREQ=DAILY',
      };
      expect(readWritten('recurring', written, where)).toMatchObject({ startSecond, endSecond, rule: 'FREQ=DAILY' });
    }),
  );
});

test('whatever else is sent is read or refused with the name of its field, and never breaks', () => {
  const piece = fc.constantFrom(
    'DTSTART',
    'DTEND',
    'STARTSEC',
    'ENDSEC',
    '=',
    ';',
    '0',
    '9',
    'Z',
    'T',
    ' ',
    '\n',
    '2026-03-07',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.string(),
  );
  const field = fc.option(text, { nil: undefined });
  const written = fc.record({ accessTimes: field, accessRecurrence: field, schedule: field });
  fc.assert(
    fc.property(fc.constantFrom(...accessTypes), written, (accessType: AccessType, given) => {
      const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Written;
      try {
        expect(readWritten(accessType, named, where).kind).toBe(accessType);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        expect([error.code, ['accessTimes', 'accessRecurrence', 'schedule'].includes(error.field ?? '')]).toEqual([
          'VALIDATION_ERROR',
          true,
        ]);
      }
    }),
    { numRuns: 2000 },
  );
});
