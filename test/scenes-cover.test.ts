import { expect, test } from 'vitest';
import type { MessageKind } from '../src/pages/message-page.ts';
import type { PageContext } from '../src/pages/page-context.ts';
import type { PayState } from '../src/pages/pay-page.ts';
import type { PageState } from '../src/rules/sessions/view.ts';
import { scenes } from './browser/scenes.ts';

// a state that is added to one of these types and not here does not compile
const ofSessions: Record<PageState, true> = {
  'waiting-for-payment': true,
  'waiting-to-start': true,
  starting: true,
  running: true,
  finishing: true,
  complete: true,
  interrupted: true,
  'failed-to-start': true,
  'payment-not-completed': true,
  unavailable: true,
};
const ofOffers: Record<PayState['kind'], true> = {
  ready: true,
  maintenance: true,
  offline: true,
  closed: true,
  'too-late': true,
  'in-use': true,
  yours: true,
  held: true,
  'held-by-you': true,
  'no-plans': true,
  'payments-off': true,
};
const ofMessages: Record<MessageKind, true> = { 'not-found': true, error: true, 'too-many': true, unavailable: true };

const ctx: PageContext = {
  language: 'en',
  path: '/scene',
  nonce: 'n',
  companyName: 'Bright Laundry',
  title: null,
  branding: { logo: null, color: null, headerText: null, footerText: null },
  timeZone: 'Europe/Berlin',
  now: Date.UTC(2026, 5, 12, 12, 40),
  assets: { css: '/assets/guest.css', js: '/assets/guest.js' },
};

test('there is a picture of every page in every state that it can be in', () => {
  const drawn = scenes(ctx).map(({ html }) =>
    /data-testid="(\w+)" data-state="([\w-]+)"/.exec(html)?.slice(1).join(' '),
  );
  const wanted = [
    ...Object.keys(ofSessions).map((state) => `session ${state}`),
    ...Object.keys(ofOffers).map((state) => `pay ${state}`),
    ...Object.keys(ofMessages).map((state) => `message ${state}`),
  ];
  expect(wanted.filter((state) => !drawn.includes(state))).toEqual([]);
});

test('no two pictures have one name', () => {
  const names = scenes(ctx).map(({ name }) => name);
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
});
