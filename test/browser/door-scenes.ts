/** The pages of a door that strangers buy, in every state: its payment page, and the way in. */
import { type AccessView, accessPage, type OpenedWords } from '../../src/pages/access-page.ts';
import { type DoorView, doorPage, type OwnPass } from '../../src/pages/door-page.ts';
import type { PageContext } from '../../src/pages/page-context.ts';
import type { HoursView } from '../../src/pages/pay-hours.ts';
import { minutes } from '../../src/rules/instant.ts';
import { texts } from '../../src/texts/languages.ts';

type Scene = { name: string; html: string };

/** As long as what a vendor puts into it: the picture is as fine as that of a real lock. */
const qrContent = `eyJsb2NrSWQiOjcxMjM0NTYsIm51bWJlciI6${'NDIsInN0YXJ0RGF0ZSI6MTc4MTI2ODAwMDAwMH0'.repeat(4)}.q0c8Xb2mV1r4`;

export const doorScenes = (ctx: PageContext, hours: HoursView): Scene[] => [
  ...payScenes(ctx, hours),
  ...accessScenes(ctx),
];

function payScenes(ctx: PageContext, hours: HoursView): Scene[] {
  const { now } = ctx;
  const door: DoorView = {
    uid: 'gym',
    name: 'Gym entrance',
    description: 'Showers and lockers are included',
    location: 'Bright Laundry, Harbour Street',
    price: 450,
    currency: 'eur',
    durationMinutes: 120,
    notSold: null,
    opensAt: null,
    hours: null,
    cancelled: false,
    own: null,
  };
  const scene = (name: string, change: Partial<DoorView>): Scene => ({
    name: `door-${name}`,
    html: doorPage({ ...door, ...change }, ctx),
  });
  const { pay, doors } = texts(ctx.language);
  const own = (state: AccessView['state'], validUntil: number | null = now + minutes(74)): OwnPass => ({
    url: '#',
    state,
    validUntil,
  });
  return [
    scene('ready', {}),
    scene('hours', { hours }),
    scene('free', { price: 0 }),
    scene('receipt', { form: { email: 'me@example.com', error: null } }),
    scene('refused', { form: { email: 'me@nowhere', error: pay.problems.email, field: 'email' } }),
    scene('price-changed', { price: 500, form: { error: doors.pay.changed } }),
    scene('stripe-down', { form: { error: pay.problems.payment } }),
    scene('came-back', { cancelled: true }),
    scene('yours', { own: own('ready') }),
    scene('yours-in-a-moment', { own: own('getting-ready', null) }),
    scene('yours-refused', { own: own('ready'), form: { error: pay.problems.payment } }),
    scene('used-before', { own: own('ended') }),
    scene('passage', { notSold: 'passage' }),
    scene('open-all', { notSold: 'open-all' }),
    scene('maintenance', { notSold: 'maintenance' }),
    scene('maintenance-yours', { notSold: 'maintenance', own: own('ready') }),
    scene('closed', {
      notSold: 'closed',
      opensAt: now + minutes(60 * 64 + 20),
      hours: { ...hours, open: false, closesAt: null },
    }),
    scene('closed-for-good', { notSold: 'closed' }),
    scene('no-way-in', { notSold: 'no-way-in' }),
    scene('lockdown', { notSold: 'lockdown' }),
    scene('switched-off', { notSold: 'switched-off' }),
    scene('no-lock', { notSold: 'no-lock' }),
    scene('payments-off', { notSold: 'payments-off' }),
    scene('long-words', {
      name: 'Gemeinschaftsräume im Untergeschoss, Fahrradabstellplatz und Trockenraum',
      description: 'Bitte die Tür hinter sich schließen und das Licht im Treppenhaus ausschalten, wenn Sie gehen.',
      location: 'Wohnungsbaugenossenschaft Hafenstraße, Hinterhaus',
      durationMinutes: 43_200,
      price: 129_900,
      own: own('could-not-make', null),
    }),
  ];
}

function accessScenes(ctx: PageContext): Scene[] {
  const { now } = ctx;
  const pass: AccessView = {
    token: 'token',
    doorName: 'Gym entrance',
    location: 'Bright Laundry, Harbour Street',
    payUrl: '#',
    state: 'ready',
    validFrom: now - minutes(1),
    validUntil: now + minutes(119),
    price: 450,
    currency: 'eur',
    code: null,
    qr: null,
    openNow: true,
    failure: null,
    refund: null,
    opened: null,
  };
  const scene = (name: string, change: Partial<AccessView>): Scene => ({
    name: `access-${name}`,
    html: accessPage({ ...pass, ...change }, ctx),
  });
  const code = { code: '48210375' };
  const qr = { qr: { content: qrContent, link: null } };
  const none: Partial<AccessView> = { validFrom: null, validUntil: null, openNow: false };
  const failed = (failure: AccessView['failure'], change: Partial<AccessView> = {}): Partial<AccessView> => ({
    ...none,
    state: 'could-not-make',
    failure,
    ...change,
  });
  const over: Partial<AccessView> = {
    state: 'ended',
    validFrom: now - minutes(121),
    validUntil: now - minutes(1),
    openNow: false,
  };
  const outcomes: OpenedWords[] = ['confirmed', 'accepted', 'unknown', 'failed', 'denied', 'too-many'];
  return [
    scene('waiting-for-payment', { ...none, state: 'waiting-for-payment' }),
    scene('getting-ready', { ...none, state: 'getting-ready' }),
    scene('getting-ready-free', { ...none, state: 'getting-ready', price: 0 }),
    scene('code', code),
    scene('code-without-button', { ...code, openNow: false }),
    scene('code-next-week', { ...code, validUntil: now + minutes(60 * 24 * 9) }),
    scene('long-code', { code: '482103759', openNow: false }),
    scene('qr', qr),
    scene('qr-and-code', { ...qr, ...code }),
    scene('qr-at-the-vendor', { qr: { content: null, link: '#' } }),
    scene('button', {}),
    scene('button-free', { price: 0 }),
    scene('no-way', { openNow: false }),
    ...outcomes.map((opened) => scene(`opened-${opened}`, { ...code, opened })),
    scene('ended', over),
    scene('ended-door-gone', { ...over, payUrl: null }),
    scene('could-not-make', failed('no_way_in', { refund: { amount: 450, state: 'pending' } })),
    scene('could-not-make-due', failed('no_way_in')),
    scene('could-not-make-refunded', failed('no_way_in', { refund: { amount: 450, state: 'done' } })),
    scene('could-not-make-owed', failed('no_way_in', { refund: { amount: 450, state: 'failed' } })),
    scene('could-not-make-free', failed('no_way_in', { price: 0 })),
    scene('never-opened', failed('never_opened', { refund: { amount: 450, state: 'done' } })),
    scene('heard-too-late', failed('heard_too_late', { refund: { amount: 450, state: 'done' } })),
    scene('refunded', { ...none, state: 'refunded', refund: { amount: 450, state: 'done' } }),
    scene('not-paid', { ...none, state: 'payment-not-completed' }),
    scene('long-words', {
      ...qr,
      ...code,
      doorName: 'Gemeinschaftsräume im Untergeschoss, Fahrradabstellplatz und Trockenraum',
      location: 'Wohnungsbaugenossenschaft Hafenstraße, Hinterhaus',
    }),
  ];
}
