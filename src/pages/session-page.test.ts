import { describe, expect, it } from 'vitest';
import { minutes } from '../rules/instant.ts';
import type { PageState } from '../rules/sessions/view.ts';
import type { PageContext } from './page-context.ts';
import { sessionFragment, sessionPage } from './session-page.ts';
import type { SessionView } from './session-view.ts';

const now = Date.UTC(2026, 5, 12, 12, 40);
const ctx: PageContext = {
  language: 'en-GB',
  nonce: 'n',
  companyName: null,
  title: null,
  branding: { logo: null, color: null, headerText: null, footerText: null },
  timeZone: 'Europe/Vienna',
  now,
  assets: { css: '/a.css', js: '/a.js' },
};
const view: SessionView = {
  token: 'tok',
  deviceName: 'Washer 3',
  planName: 'Standard',
  location: 'Basement',
  payUrl: '/pay/u1',
  state: 'running',
  startsAt: null,
  startedAt: now - minutes(20),
  endsAt: now + minutes(40),
  endedAt: null,
  remainingSeconds: 2400,
  durationSeconds: 3600,
  price: 250,
  currency: 'eur',
  added: [],
  onTop: [],
  extendProblem: null,
  refund: null,
  failureReason: null,
};
const before = { startedAt: null, endsAt: null, remainingSeconds: 3600 };
const over = { endsAt: now - 60_000, endedAt: now - 60_000, remainingSeconds: 0 };
const of = (change: Partial<SessionView>): string => sessionPage({ ...view, ...change }, ctx);

describe('the session page', () => {
  const titles: [PageState, string][] = [
    ['waiting-for-payment', 'Waiting for Your Payment'],
    ['waiting-to-start', 'Load the Machine Now'],
    ['starting', 'Starting'],
    ['running', 'Running'],
    ['finishing', 'Finishing'],
    ['complete', 'Session Complete'],
    ['interrupted', 'Session Ended'],
    ['failed-to-start', 'Session Could Not Start'],
    ['payment-not-completed', 'Payment Not Completed'],
    ['unavailable', 'Device Unavailable'],
  ];
  it.each(titles)('%s has its title, its state on the root and in the tab', (state, title) => {
    const page = of({ state });
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toContain(`<main data-testid="session" data-state="${state}" data-token="tok"`);
    expect(page).toContain(`<title>${title} · Washer 3</title>`);
  });

  it('counts down while running, and names the end in the time of the place', () => {
    const page = of({});
    expect(page).toContain('role="timer" data-left="2400">40:00<');
    expect(page).toContain('stroke-dasharray="667 1000"  data-total="3600"');
    expect(page).toContain('Finishes at 15:20');
    expect(of({ remainingSeconds: 4000, durationSeconds: 7200 })).toContain('>1:06:40<');
  });

  it('tells to load the machine while the start is delayed', () => {
    const page = of({ ...before, state: 'waiting-to-start', startsAt: now + 42_000, delaySeconds: 300 });
    expect(page).toContain('data-left="42">0:42<');
    expect(page).toContain('It starts by itself at 14:40.');
    expect(page).toContain('stroke-dasharray="140 1000"');
  });

  it('renews itself without script until nothing can change any more', () => {
    const seconds = (change: Partial<SessionView>): string | undefined =>
      /http-equiv="refresh" content="(\d+)"/.exec(of(change))?.[1];
    expect(seconds({})).toBe('20');
    expect(seconds({ remainingSeconds: 5 })).toBe('6');
    expect(seconds({ ...before, state: 'waiting-for-payment' })).toBe('3');
    expect(seconds({ ...over, state: 'interrupted', refund: { amount: 1, state: 'pending' } })).toBe('30');
    expect(seconds({ ...over, state: 'interrupted', refund: { amount: 1, state: 'done' } })).toBeUndefined();
    expect(seconds({ ...over, state: 'complete' })).toBeUndefined();
  });

  it('says where the money is', () => {
    const failed = { ...before, state: 'failed-to-start', endedAt: now } as const;
    expect(of(failed)).toContain('€2.50 comes back to your card by itself.');
    expect(of({ ...failed, refund: { amount: 250, state: 'pending' } })).toContain(
      '€2.50 is on its way back to your card.',
    );
    expect(of({ ...failed, refund: { amount: 250, state: 'done' } })).toContain(
      '€2.50 has been returned to your card.',
    );
    expect(of({ ...failed, refund: { amount: 250, state: 'failed' } })).toContain('€2.50 is due back to you');
    expect(of({ ...failed, price: 0 })).toContain('Nothing was charged.');
    expect(of({ ...before, state: 'payment-not-completed' })).toContain('Nothing was charged.');
    // Delivered before it was ended: no promise that nobody made.
    expect(of({ ...over, state: 'interrupted' })).not.toMatch(/comes back|on its way/);
    expect(of({ ...over, state: 'interrupted', refund: { amount: 100, state: 'pending' } })).toContain(
      '€1.00 is on its way',
    );
  });

  it('never promises money back for what was free', () => {
    for (const [state] of titles) expect(of({ state, price: 0 })).not.toMatch(/comes back|your money/);
  });

  it('explains in plain words, never in codes', () => {
    const page = of({ ...over, state: 'interrupted', failureReason: 'relay_off_prematurely' });
    expect(page).toContain('The machine stopped before its time.');
    expect(page).toContain('It ran for 19 min of 1 h.');
    const odd = of({ ...over, state: 'interrupted', failureReason: 'ShellyError: <401>' });
    expect(odd).toContain('The session ended before its time.');
    expect(odd).not.toContain('ShellyError');
    expect(odd).not.toContain('relay_off');
  });

  it('does not count the hours in which nobody saw the machine as its run', () => {
    const aDayLater = {
      endsAt: now - minutes(1440),
      startedAt: now - minutes(1500),
      endedAt: now,
      remainingSeconds: 0,
    };
    const lost = of({ ...aDayLater, state: 'interrupted', failureReason: 'reconciliation_timeout' });
    expect(lost).toContain('Nobody can say how long it ran.');
    expect(lost).not.toMatch(/ran for|<dt>Ended/);
    const cut = of({ ...aDayLater, state: 'interrupted', failureReason: 'relay_off_prematurely' });
    expect(cut).toContain('It ran for 1 h of 1 h.');
  });

  it('tells a full run from one that finished early of itself', () => {
    expect(of({ ...over, state: 'complete', startedAt: now - minutes(61) })).toContain('It ran for its full 1 h.');
    expect(of({ ...over, state: 'complete', startedAt: now - minutes(31) })).toContain('finished after 30 min');
  });

  it('offers to start again only when it is over, and where there is something to buy', () => {
    expect(of({ ...over, state: 'complete' })).toContain('href="/pay/u1">Start again</a>');
    expect(of({ ...over, state: 'complete', payUrl: null })).not.toContain('Start again');
    expect(of({})).not.toContain('/pay/u1');
  });

  it('leads who has not paid yet back to the payment', () => {
    expect(of({ ...before, state: 'waiting-for-payment' })).toContain('href="/pay/u1">Not paid yet?');
    expect(of({ ...before, state: 'starting' })).not.toContain('/pay/u1');
  });

  it('is announced and reachable: a live region, a focusable main, hidden pictures', () => {
    const page = of({});
    expect(page).toContain('id="announcement" class="unseen" aria-live="polite"');
    expect(page).toContain('id="connection" role="status" hidden>No connection.');
    expect(page).toContain('tabindex="-1"');
    expect(page).toContain('aria-hidden="true"');
  });

  it('can be had as the main element alone', () => {
    expect(sessionFragment(view, ctx)).toMatch(/^<main [\s\S]*<\/main>$/);
  });

  it('speaks the language of the guest', () => {
    const page = sessionPage({ ...view, state: 'complete' }, { ...ctx, language: 'de-AT' });
    expect(page).toContain('<html lang="de-AT">');
    expect(page).toMatch(/€\s2,50/);
    expect(sessionPage(view, { ...ctx, language: 'xx' })).toContain('<html lang="en">');
  });
});
