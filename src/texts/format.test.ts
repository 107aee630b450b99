import { describe, expect, it } from 'vitest';
import {
  clockText,
  durationInWords,
  formatDuration,
  formatMoment,
  formatMoney,
  formatSpan,
  formatWeekday,
  formatZone,
} from './format.ts';
import { languageFrom, spokenLanguage, texts } from './languages.ts';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('money', () => {
  it('has the digits of its currency', () => {
    expect(formatMoney(250, 'eur', 'en')).toBe('€2.50');
    expect(formatMoney(250, 'jpy', 'en')).toBe('¥250');
    expect(plain(formatMoney(250, 'kwd', 'en'))).toBe('KWD 0.250');
    expect(plain(formatMoney(123_456, 'eur', 'de'))).toBe('1.234,56 €');
    expect(plain(formatMoney(300, 'chf', 'de-CH'))).toBe('CHF 3.00');
  });
  it('is written plainly where the currency is none', () => {
    expect(formatMoney(250, 'euro', 'en')).toBe('EURO 2.50');
  });
});

describe('times', () => {
  const at = Date.UTC(2026, 5, 12, 22, 30);
  it('are those of the place, with the day where it is another', () => {
    expect(formatMoment(at, at - 1000, 'Europe/Vienna', 'en-GB')).toBe('00:30');
    expect(formatMoment(at, at - 3_600_000, 'Europe/Vienna', 'en-GB')).toMatch(/Sat.* 13 Jun.* 00:30/);
    expect(plain(formatMoment(at, at, 'America/New_York', 'en'))).toBe('6:30 PM');
    expect(formatMoment(at, at, 'Not/AZone', 'en-GB')).toBe('22:30');
  });
  it('of a day have the clock of their language, and an end at midnight', () => {
    expect(formatSpan({ from: 450, to: 1440 }, 'de')).toBe('07:30–24:00');
    expect(plain(formatSpan({ from: 1080, to: 1560 }, 'en-US'))).toBe('6:00 PM – 2:00 AM');
    expect(['en', 'de'].map((language) => formatWeekday('2026-06-12', language))).toEqual(['Friday', 'Freitag']);
  });
  it('name their zone as people do', () => {
    const winter = Date.UTC(2026, 0, 12);
    expect([winter, at].map((moment) => formatZone('Europe/Vienna', moment, 'en'))).toEqual([
      'Central European Standard Time',
      'Central European Summer Time',
    ]);
    expect(formatZone('Not/AZone', at, 'en')).toBe('UTC');
  });
  it('last humanely', () => {
    expect([0, 1, 59, 60, 75, 120].map((n) => formatDuration(n, 'en'))).toEqual([
      '0 min',
      '1 min',
      '59 min',
      '1 h',
      '1 h 15 min',
      '2 h',
    ]);
    expect([1440, 2880, 2895, 43_200].map((n) => formatDuration(n, 'en'))).toEqual([
      '24 h',
      '2 days',
      '2 days 15 min',
      '30 days',
    ]);
    expect([1, 5, 61].map((n) => durationInWords(n, 'en'))).toEqual(['1 minute', '5 minutes', '1 hour 1 minute']);
    expect([-3, 0, 41.2, 3599, 3600, 36_061].map(clockText)).toEqual([
      '0:00',
      '0:00',
      '0:42',
      '59:59',
      '1:00:00',
      '10:01:01',
    ]);
  });
});

describe('languages', () => {
  it('fall back to English as a whole', () => {
    expect(texts('de-AT').pay.start).toBe('Starten');
    expect(texts('fr').pay.start).toBe('Start');
    expect(['de-AT', 'fr', '', 'en-nonsense!'].map(spokenLanguage)).toEqual(['de-AT', 'en', 'en', 'en']);
    expect(formatMoney(250, 'eur', 'fr')).toBe('€2.50');
  });
  it('come from what the browser asks for', () => {
    expect(languageFrom('fr-FR, de-CH;q=0.8, en;q=0.9')).toBe('en');
    expect(languageFrom('de-CH,en;q=0.9')).toBe('de-CH');
    expect(languageFrom('fr;q=1, de;q=0, *;q=0.1')).toBe('en');
    expect(languageFrom('de_DE!,<script>')).toBe('en');
    expect(languageFrom(undefined)).toBe('en');
  });
});
