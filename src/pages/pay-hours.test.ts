import { describe, expect, it } from 'vitest';
import { minutes } from '../rules/instant.ts';
import type { DayHours } from '../rules/time/opening-hours.ts';
import type { PageContext } from './page-context.ts';
import { type PayView, payPage } from './pay-page.ts';

/** Friday, 12 June 2026, 14:40 in Vienna. */
const now = Date.UTC(2026, 5, 12, 12, 40);
const ctx: PageContext = {
  language: 'en-GB',
  nonce: 'nonce1',
  companyName: null,
  title: null,
  branding: { logo: null, color: null, headerText: null, footerText: null },
  timeZone: 'Europe/Vienna',
  now,
  assets: { css: '/assets/guest.1.css', js: '/assets/guest.1.js' },
};
const long = [{ from: 420, to: 1320 }];
const days: DayHours[] = [
  { date: '2026-06-12', weekday: 'friday', spans: long, holiday: null },
  {
    date: '2026-06-13',
    weekday: 'saturday',
    spans: [
      { from: 480, to: 720 },
      { from: 1080, to: 1560 },
    ],
    holiday: null,
  },
  { date: '2026-06-14', weekday: 'sunday', spans: [], holiday: 'Founders’ day' },
  { date: '2026-06-15', weekday: 'monday', spans: [{ from: 0, to: 1440 }], holiday: null },
];
const closesAt = Date.UTC(2026, 5, 12, 20);
const opensAt = Date.UTC(2026, 5, 15, 5);
const quick = { id: 'p1', name: 'Quick', description: null, durationMinutes: 35, delayMinutes: 0, price: 250 };
const wash = { id: 'p2', name: 'Wash', description: null, durationMinutes: 60, delayMinutes: 5, price: 400 };
const view: PayView = {
  uid: 'u1',
  deviceName: 'Washer 3',
  description: null,
  location: 'Basement',
  currency: 'eur',
  plans: [quick, wash],
  state: { kind: 'ready' },
  hours: { open: true, closesAt, days },
  lastSessionUrl: null,
  cancelled: false,
};
const of = (change: Partial<PayView>, context: Partial<PageContext> = {}): string =>
  payPage({ ...view, ...change }, { ...ctx, ...context });
const plain = (page: string): string => page.replace(/<[^>]*>/g, ' ').replace(/[\s\u202f]+/g, ' ');
const today = (holiday: string): DayHours[] => [{ ...(days[0] as DayHours), holiday }, ...days.slice(1)];

describe('the hours on the pay page', () => {
  it('are a line while it is open, and a table of the coming week that needs no script', () => {
    const page = of({});
    expect(page).toContain('<span>Open until 22:00</span>');
    expect(page).toMatch(/<details class="more hours">\s*<summary>Opening hours<\/summary>\s*<table>/);
    const text = plain(page);
    expect(text).toContain('Friday 07:00–22:00');
    expect(text).toContain('Saturday 08:00–12:00 18:00–02:00');
    expect(text).toContain('Sunday Founders’ day Closed');
    expect(text).toContain('Monday 00:00–24:00');
    expect(page.match(/aria-current="date"/g)).toHaveLength(1);
  });

  it('name the zone in which they are meant', () => {
    expect(plain(of({}))).toContain('Local times: Central European Summer Time');
    expect(plain(of({}, { timeZone: 'UTC' }))).toContain('Coordinated Universal Time');
  });

  it('are told in German, and as an American reads them', () => {
    const german = plain(of({}, { language: 'de-AT' }));
    for (const words of [
      'Geöffnet bis 22:00',
      'Öffnungszeiten',
      'Freitag 07:00–22:00',
      'Sonntag Founders’ day Geschlossen',
      'Mitteleuropäische Sommerzeit',
    ]) {
      expect(german).toContain(words);
    }
    const american = plain(of({}, { language: 'en-US' }));
    expect(american).toContain('Open until 10:00 PM');
    expect(american).toContain('Saturday 8:00 AM – 12:00 PM 6:00 PM – 2:00 AM');
  });

  it('are not mentioned where it is always open, nor an end that is days away', () => {
    for (const hours of [null, undefined]) {
      const { hours: _, ...rest } = view;
      const page = payPage(hours === undefined ? rest : { ...rest, hours }, ctx);
      expect(page).not.toMatch(/Open until|Opening hours/);
    }
    const far = of({ hours: { open: true, closesAt: now + minutes(60 * 25), days } });
    expect(far).not.toContain('Open until');
    expect(far).toContain('Opening hours');
  });

  it('say what day it is when it is a special one', () => {
    expect(of({ hours: { open: true, closesAt, days: today('Midsummer') } })).toContain('Open until 22:00 · Midsummer');
  });
});

describe('when it is closed', () => {
  const closed: Partial<PayView> = {
    state: { kind: 'closed', opensAt },
    plans: [{ ...quick, unfit: 'closed' }],
    hours: { open: false, closesAt: null, days: today('Midsummer') },
  };

  it('the page says when it opens and why it is closed, and sells nothing', () => {
    const page = of(closed);
    expect(page).toContain('data-state="closed"');
    expect(page).toContain('<h2>Closed</h2>');
    expect(plain(page)).toMatch(/It opens again: Mon,? 15 Jun,? 07:00\./);
    expect(page).toContain('Today: Midsummer.');
    expect(page).toContain('Programs and prices');
    expect(page).not.toMatch(/<form|<button|Open until/);
    expect(page).toContain('http-equiv="refresh" content="300"');
  });

  it('in German too, and looks again when it opens', () => {
    const soon = of({ ...closed, state: { kind: 'closed', opensAt: now + 90_000 } }, { language: 'de' });
    expect(soon).toContain('<h2>Geschlossen</h2>');
    expect(plain(soon)).toContain('Wieder geöffnet ab: 14:41.');
    expect(soon).toContain('http-equiv="refresh" content="91"');
  });

  it('without a time where nobody knows one', () => {
    expect(of({ ...closed, state: { kind: 'closed', opensAt: null } })).toContain('It is not open at the moment.');
  });
});

describe('when closing time is near', () => {
  const late = { ...wash, unfit: 'ends-after-closing' as const };

  it('a program that does not fit stays in sight, cannot be chosen, and says why', () => {
    const page = of({ plans: [{ ...quick, unfit: null }, late] });
    expect(page).toMatch(/<label class="plan late">\s*<input type="radio" name="planId" value="p2" disabled>/);
    expect(page).toContain('This program takes 1 h 5 min; we close at 22:00.');
    expect(page).toMatch(/value="p1" required checked/);
    expect(page).toContain('>Pay €2.50</button>');
    expect(plain(of({ plans: [quick, late] }, { language: 'de' }))).toContain(
      'Dieses Programm dauert 1 h 5 min; wir schließen um 22:00.',
    );
    const starts = of({ plans: [quick, { ...wash, unfit: 'starts-after-closing' }] });
    expect(starts).toContain('We close at 22:00, before this program would start.');
  });

  it('and nothing fits any more, it says so and when to come back', () => {
    const page = of({ plans: [late], state: { kind: 'too-late', closesAt, opensAt } });
    expect(page).toContain('<h2>Closing Soon</h2>');
    expect(page).toContain('We close at 22:00, and no program fits before that.');
    expect(plain(page)).toMatch(/It opens again: Mon,? 15 Jun,? 07:00\./);
    expect(page).not.toMatch(/<form|<button/);
    expect(page).toContain('http-equiv="refresh" content="60"');
  });

  it('who holds the machine is offered no program that does not fit', () => {
    const state = {
      kind: 'held-by-you',
      planId: 'p1',
      until: now + 100_000,
      continueUrl: 'https://pay.example/c',
    } as const;
    expect(of({ state, plans: [quick, late] })).not.toContain('Choose another program');
    expect(of({ state, plans: [quick, wash] })).toContain('Choose another program');
  });

  it('names are escaped', () => {
    const page = of({ hours: { open: true, closesAt, days: today('<img src=x>') } });
    expect(page).not.toContain('<img src=x>');
  });
});
