import { describe, expect, test } from 'vitest';
import { Problem } from '../errors.ts';
import { type AccessType, readWritten, type Written } from './formats.ts';

const where = { zone: 'Europe/Berlin', now: Date.parse('2026-03-02T10:00:00Z') };
const read = (accessType: AccessType, written: Written) => readWritten(accessType, written, where);
const at = (text: string): number => Date.parse(text);

describe('times as callers write them', () => {
  test('temporary, as stamps or as seconds since 1970', () => {
    const stamps = { accessTimes: 'DTSTART=2026-03-07T23:00:00.000Z;DTEND=2026-03-08T19:05:00.000Z' };
    const booked = { kind: 'temporary', from: at('2026-03-07T23:00Z'), until: at('2026-03-08T19:05Z') };
    expect(read('temporary', stamps)).toEqual(booked);
    expect(read('temporary', { accessTimes: 'STARTSEC=1772924400;ENDSEC=1772996700' })).toEqual(booked);
  });

  test('recurring, in seconds of the lock’s day; without an end an hour long', () => {
    const accessRecurrence = 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU';
    const recurring = { kind: 'recurring', rule: accessRecurrence, startSecond: 32_400 };
    expect(read('recurring', { accessTimes: 'STARTSEC=32400;ENDSEC=61200', accessRecurrence })).toEqual({
      ...recurring,
      endSecond: 61_200,
    });
    expect(read('recurring', { accessTimes: 'STARTSEC=32400', accessRecurrence })).toEqual({
      ...recurring,
      endSecond: 36_000,
    });
    const stamps = 'DTSTART=2026-03-02T08:00:00.000Z;DTEND=2026-03-02T16:00:00.000Z';
    expect(read('recurring', { accessTimes: stamps, accessRecurrence })).toMatchObject({
      startSecond: 32_400,
      endSecond: 61_200,
    });
  });

  test('a rule that is counted begins with the day it is made', () => {
    const accessRecurrence = 'FREQ=MONTHLY;BYMONTHDAY=10,15;COUNT=20';
    expect(read('recurring', { accessTimes: 'STARTSEC=0;ENDSEC=3600', accessRecurrence })).toMatchObject({
      from: where.now,
    });
  });

  test('iCalendar text goes before both', () => {
    const once = 'BEGIN:VEVENT\r\nDTSTART:20260307T230000Z\r\nDTEND:20260308T\r\n 190500Z\r\nEND:VEVENT';
    expect(read('temporary', { schedule: once, accessTimes: 'nonsense' })).toEqual({
      kind: 'temporary',
      from: at('2026-03-07T23:00Z'),
      until: at('2026-03-08T19:05Z'),
    });
    const weekly = 'DTSTART;TZID=Europe/Berlin:20260302T090000\nDURATION:PT8H\nRRULE:FREQ=WEEKLY;BYDAY=MO';
    expect(read('recurring', { schedule: weekly })).toEqual({
      kind: 'recurring',
      rule: 'FREQ=WEEKLY;BYDAY=MO',
      startSecond: 32_400,
      endSecond: 61_200,
      from: at('2026-03-02T08:00Z'),
    });
  });
});

describe('what is wrong names its field', () => {
  const wrong: [AccessType, Written, string, string][] = [
    ['temporary', {}, 'accessTimes', 'required'],
    [
      'temporary',
      { accessTimes: 'DTSTART=2026-03-07T23:00:00Z;DTEND=2026-03-08T19:05:00.000Z' },
      'accessTimes',
      'YYYY-MM-DDTHH:mm:ss.SSSZ',
    ],
    [
      'temporary',
      { accessTimes: 'DTSTART=2026-13-07T23:00:00.000Z;DTEND=2026-03-08T19:05:00.000Z' },
      'accessTimes',
      'DTSTART',
    ],
    ['temporary', { accessTimes: 'STARTSEC=20;ENDSEC=10' }, 'accessTimes', 'ENDSEC must lie after STARTSEC'],
    ['temporary', { accessTimes: 'STARTSEC=20' }, 'accessTimes', 'end'],
    ['temporary', { accessTimes: 'STARTSEC=20;DTEND=1' }, 'accessTimes', 'DTEND'],
    ['recurring', { accessTimes: 'STARTSEC=20' }, 'accessRecurrence', 'required'],
    ['recurring', { accessTimes: 'STARTSEC=90000', accessRecurrence: 'FREQ=DAILY' }, 'accessTimes', 'STARTSEC'],
    ['recurring', { accessTimes: 'STARTSEC=9', accessRecurrence: 'FREQ=HOURLY' }, 'accessRecurrence', 'FREQ'],
    ['always', { schedule: 'DTSTART:20260307T230000Z\nDURATION:PT1H' }, 'schedule', 'always'],
    ['temporary', { schedule: 'DTEND:20260307T230000Z' }, 'schedule', 'DTSTART'],
    [
      'recurring',
      { schedule: 'DTSTART;TZID=Asia/Tokyo:20260307T230000\nRRULE:FREQ=DAILY' },
      'schedule',
      'Europe/Berlin',
    ],
    ['temporary', { schedule: 'DTSTART;TZID=Nowhere/Land:20260307T230000\nDURATION:PT1H' }, 'schedule', 'zone'],
  ];
  test.each(wrong)('%s %o: %s, %s', (accessType, written, field, why) => {
    const caught = (() => {
      try {
        return read(accessType, written);
      } catch (error) {
        return error;
      }
    })();
    expect(caught).toBeInstanceOf(Problem);
    expect(caught).toMatchObject({ code: 'VALIDATION_ERROR', field, message: expect.stringContaining(why) });
  });
});
