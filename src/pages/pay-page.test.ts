import { describe, expect, it } from 'vitest';
import { minutes } from '../rules/instant.ts';
import type { PageContext } from './page-context.ts';
import { type PayState, type PayView, payFragment, payPage } from './pay-page.ts';

const now = Date.UTC(2026, 5, 12, 12, 40);
const ctx: PageContext = {
  language: 'en-GB',
  nonce: 'nonce1',
  companyName: 'Sparkle',
  title: null,
  branding: { logo: 'https://cdn.example/logo.png', color: '#0A84FF', headerText: 'Welcome', footerText: 'Imprint' },
  timeZone: 'Europe/Vienna',
  now,
  assets: { css: '/assets/guest.1.css', js: '/assets/guest.1.js' },
};
const quick = { id: 'p1', name: 'Quick', description: null, durationMinutes: 35, delayMinutes: 5, price: 250 };
const long = { id: 'p2', name: 'Long', description: 'Two rinses', durationMinutes: 75, delayMinutes: 0, price: 400 };
const view: PayView = {
  uid: 'u1',
  deviceName: 'Washer 3',
  description: 'Front loader',
  location: 'Basement',
  currency: 'eur',
  plans: [quick, long],
  state: { kind: 'ready' },
  lastSessionUrl: null,
  cancelled: false,
};
const of = (change: Partial<PayView>): string => payPage({ ...view, ...change }, ctx);

describe('the pay page', () => {
  it('shows what it is, where, what it costs, how long it runs and when it starts', () => {
    const page = of({});
    for (const fact of [
      'Washer 3',
      'Basement',
      'Front loader',
      '€2.50',
      '€4.00',
      '35 min',
      '1 h 15 min',
      'Two rinses',
    ]) {
      expect(page).toContain(fact);
    }
    expect(page).toContain('Starts 5 minutes after payment, so you can load it');
    expect(page).toContain('Starts right after payment');
    expect(page).toContain('your money comes back by itself');
    expect(page).toContain('<main data-testid="pay" data-state="ready"');
  });

  it('marks the address that was refused, and leads to it', () => {
    const error = 'Please check the e-mail address.';
    const page = of({ form: { planId: 'p1', email: 'me@', error, field: 'email' } });
    expect(page).toContain('<a href="#email">Please check');
    expect(page).toMatch(/<input [^>]*id="email"[^>]*aria-invalid="true" aria-describedby="problem">/);
    expect(of({ form: { planId: 'p1', error } })).not.toMatch(/#email|aria-invalid/);
  });

  it('is a plain form that needs no script', () => {
    const page = of({});
    expect(page).toContain('<form method="post" action="/pay/u1">');
    expect(page).toMatch(/<input type="radio" name="planId" value="p1" required {2}data-label="Pay €2.50">/);
    expect(page).toContain('name="email"');
    expect(page).not.toContain(' checked ');
    expect(page).toContain('>Continue to payment</button>');
    expect(page).not.toContain('http-equiv="refresh"');
  });

  it('chooses the only plan and names its price on the button', () => {
    const page = of({ plans: [quick] });
    expect(page).toContain('required checked');
    expect(page).toContain('>Pay €2.50</button>');
  });

  it('starts what is free, without a word of money', () => {
    const page = of({ plans: [{ ...quick, price: 0 }] });
    expect(page).toContain('>Start</button>');
    expect(page).toContain('Free');
    expect(page).not.toMatch(/payment|money|receipt/);
  });

  it('says the start once when it is the same for all plans', () => {
    const page = of({ plans: [quick, { ...quick, id: 'p3' }] });
    expect(page.split('Starts 5 minutes after payment')).toHaveLength(2);
  });

  it('keeps what was filled in after a refusal, and says why', () => {
    const page = of({ form: { planId: 'p2', email: 'a"b@c.example', error: 'Please check your e-mail address.' } });
    expect(page).toMatch(/role="alert" id="problem".*Please check your e-mail address\./);
    expect(page).toContain('aria-describedby="problem"');
    expect(page).toMatch(/value="p2" required checked/);
    expect(page).toContain('value="a&quot;b@c.example"');
    expect(page).toContain('<details class="more receipt" open>');
  });

  it('tells a guest who came back that nothing was charged', () => {
    expect(of({ cancelled: true })).toContain('Nothing was charged.');
  });

  const states: [PayState, string, string][] = [
    [{ kind: 'maintenance' }, 'Device Currently Unavailable', '60'],
    [{ kind: 'offline' }, 'No Connection to the Machine', '5'],
    [{ kind: 'in-use', freeAt: now + minutes(23) }, 'free at 15:03', '20'],
    [{ kind: 'in-use', freeAt: null }, 'In Use', '20'],
    [{ kind: 'held', until: now + 4000 }, 'Somebody Is Paying', '5'],
    [{ kind: 'no-plans' }, 'Nothing to Choose Yet', '60'],
    [{ kind: 'payments-off' }, 'No Payments Right Now', '60'],
  ];
  it.each(states)('%j says so, takes no money and looks again by itself', (state, words, seconds) => {
    const page = of({ state });
    expect(page).toContain(`data-state="${state.kind}"`);
    expect(page).toContain(words);
    expect(page).not.toContain('<form');
    expect(page).toContain(`<noscript><meta http-equiv="refresh" content="${seconds}"></noscript>`);
  });

  it('leads the guest who holds the machine back to the same checkout', () => {
    const state = {
      kind: 'held-by-you',
      planId: 'p2',
      until: now + 141_000,
      continueUrl: 'https://pay.example/c',
    } as const;
    const page = of({ state });
    expect(page).toContain('href="https://pay.example/c">Continue paying €4.00</a>');
    expect(page).toContain('role="timer" data-left="141">2:21<');
    expect(page).toContain('<summary>Choose another program</summary>');
    expect(page).toContain('value="p1"');
    expect(page).not.toContain('value="p2"');
    expect(of({ state: { ...state, continueUrl: null } })).toMatch(/value="p2" required checked/);
  });

  it('leads the guest whose machine runs to their session, and afterwards to how it ended', () => {
    const page = of({ state: { kind: 'yours', freeAt: now + minutes(5), sessionUrl: '/session/t' } });
    expect(page).toContain('<h2>In Use by You</h2>');
    expect(page).toContain('href="/session/t">Show my session</a>');
    expect(page).toContain('data-left="300"');
    expect(page).not.toContain('<form');
    expect(of({ lastSessionUrl: '/session/t' })).toContain(
      '<a href="/session/t">Your last session on this machine</a>',
    );
  });

  it('escapes hostile names and leads hostile addresses nowhere', () => {
    const hostile = `<img src=x onerror="alert('1')">`;
    const page = payPage(
      {
        ...view,
        deviceName: hostile,
        location: hostile,
        plans: [{ ...quick, name: hostile, id: '"><b>' }],
        uid: '"/../x',
      },
      {
        ...ctx,
        companyName: hostile,
        branding: { logo: 'javascript:alert(1)', color: '}</style>', headerText: hostile, footerText: hostile },
      },
    );
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('javascript:');
    expect(page).not.toContain('value=""><b>');
    expect(page).toContain('action="/pay/%22%2F..%2Fx"');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });

  it('carries the brand in one style element with a nonce, and no other inline style or script', () => {
    const page = of({});
    expect(page).toContain('<style nonce="nonce1">:root{--fill:#');
    expect(page).toContain('<script type="module" src="/assets/guest.1.js"></script>');
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
    expect(page).toContain('src="https://cdn.example/logo.png" alt="Sparkle"');
    expect(page).toContain('<title>Washer 3 · Sparkle</title>');
  });

  it('can be had as the main element alone', () => {
    expect(payFragment(view, ctx)).toMatch(/^<main [\s\S]*<\/main>$/);
  });
});
