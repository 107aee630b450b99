import { expect, test } from 'vitest';
import type { DoorState } from '../src/pages/door-page.ts';
import type { MessageKind } from '../src/pages/message-page.ts';
import type { PageContext } from '../src/pages/page-context.ts';
import type { PayState } from '../src/pages/pay-page.ts';
import type { PassState } from '../src/rules/passes/view.ts';
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
const ofDoors: Record<DoorState, true> = {
  ready: true,
  yours: true,
  passage: true,
  maintenance: true,
  closed: true,
  unavailable: true,
  'switched-off': true,
  'no-lock': true,
  'payments-off': true,
};
const ofPasses: Record<PassState, true> = {
  'waiting-for-payment': true,
  'getting-ready': true,
  ready: true,
  ended: true,
  'could-not-make': true,
  refunded: true,
  'payment-not-completed': true,
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
  const drawn = scenes(ctx).map(({ name, html }) => {
    const [, page, state] = /data-testid="(\w+)" data-state="([\w-]+)"/.exec(html) ?? [];
    return `${name.startsWith('door-') ? 'door' : page} ${state}`; // both kinds of payment page have one name
  });
  const wanted = [
    ...Object.keys(ofSessions).map((state) => `session ${state}`),
    ...Object.keys(ofOffers).map((state) => `pay ${state}`),
    ...Object.keys(ofDoors).map((state) => `door ${state}`),
    ...Object.keys(ofPasses).map((state) => `access ${state}`),
    ...Object.keys(ofMessages).map((state) => `message ${state}`),
  ];
  expect(wanted.filter((state) => !drawn.includes(state))).toEqual([]);
});

test('no two pictures have one name', () => {
  const names = scenes(ctx).map(({ name }) => name);
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
});
