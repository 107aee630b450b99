import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../instant.ts';
import { collectFor, quietFor, type Told, telling } from './telling-again.ts';

const now = Date.UTC(2026, 5, 12, 13, 1);
const of = { noticeId: 'one', onlyIfStanding: false };
const goneOut = (at: number, noticeId = 'one'): Told => ({ ...of, noticeId, kind: 'gone-out', at });

describe('a reader', () => {
  it('who heard nothing of a thing within the hour is told within a minute', () => {
    const told = { kind: 'tell', at: now + collectFor, onlyIfStanding: false };
    expect(telling('one', [], now)).toEqual(told);
    expect(telling('one', [goneOut(now - quietFor)], now)).toEqual(told);
  });

  it('who was told of it two minutes ago, in the hour before, hears at the end of sixty minutes whether it stands', () => {
    const told = { kind: 'tell', at: now - minutes(2) + quietFor, onlyIfStanding: true };
    expect(telling('one', [goneOut(now - minutes(2))], now)).toEqual(told);
    expect(telling('another', [goneOut(now - minutes(2))], now)).toEqual(told);
  });

  it('whose mail is yet to go out reads in it how things stand then', () => {
    const waiting: Told = { ...of, kind: 'waiting', goesOutAt: now + 1 };
    expect(telling('one', [waiting, goneOut(now - minutes(50))], now)).toEqual({ kind: 'will-be-told' });
    expect(telling('another', [waiting], now)).toEqual({ kind: 'tell', at: now + 1, onlyIfStanding: false });
    const heldBack: Told = { ...waiting, onlyIfStanding: true };
    expect(telling('another', [heldBack], now)).toEqual({ kind: 'tell', at: now + 1, onlyIfStanding: true });
  });

  it('who was told by a clock that was set back since hears within the hour, not when that time comes again', () => {
    const told = { kind: 'tell', at: now + quietFor, onlyIfStanding: true };
    expect(telling('one', [goneOut(now + hours(24))], now)).toEqual(told);
  });

  it('whose mail is just being handed over hears of what it could not say', () => {
    expect(telling('one', [{ ...of, kind: 'under-way' }], now)).toEqual({
      kind: 'tell',
      at: now + quietFor,
      onlyIfStanding: true,
    });
  });

  it('hears of a thing at most once in any sixty minutes, and in the end always how it stands', () => {
    const flaps = fc.array(fc.record({ after: fc.integer({ min: 1, max: 50 }), again: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(flaps, (steps) => {
        let [at, id, waiting, standing] = [now, 0, [] as { id: number; at: number; ifStanding: boolean }[], false];
        const mails: { at: number; told: number[] }[] = [];
        const handOver = (until: number): void => {
          const due = waiting.filter((one) => one.at <= until).sort((a, b) => a.at - b.at);
          waiting = waiting.filter((one) => one.at > until);
          for (const moment of new Set(due.map((one) => one.at))) {
            const bundle = due.filter((one) => one.at === moment);
            const told = bundle.filter((one) => !one.ifStanding || (standing && one.id === id)).map((one) => one.id);
            if (told.length > 0) mails.push({ at: moment, told });
          }
        };
        for (const { after, again } of steps) {
          handOver(at + minutes(after));
          at += minutes(after);
          standing = !standing;
          if (!standing) continue;
          if (!again) id += 1;
          const before: Told[] = [
            ...waiting.map((one) => ({
              noticeId: `${one.id}`,
              onlyIfStanding: one.ifStanding,
              kind: 'waiting' as const,
              goesOutAt: one.at,
            })),
            ...mails.filter((mail) => mail.at > at - quietFor).map((mail) => goneOut(mail.at)),
          ];
          const how = telling(`${id}`, before, at);
          if (how.kind === 'tell') waiting.push({ id, at: how.at, ifStanding: how.onlyIfStanding });
        }
        handOver(at + 2 * quietFor);
        for (const [n, mail] of mails.entries()) {
          const next = mails[n + 1];
          if (next !== undefined) expect(next.at - mail.at).toBeGreaterThanOrEqual(quietFor);
        }
        if (standing) expect(mails.at(-1)?.told).toContain(id);
      }),
    );
  });
});
