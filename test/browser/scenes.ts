/** Every page that a guest can meet, in every state, as HTML made by the pages' own functions. */
import type { MessageView } from '../../src/pages/message-form.ts';
import { type MessageKind, messagePage } from '../../src/pages/message-page.ts';
import type { PageContext } from '../../src/pages/page-context.ts';
import type { HoursView } from '../../src/pages/pay-hours.ts';
import { type PayState, type PayView, payPage } from '../../src/pages/pay-page.ts';
import { sessionPage } from '../../src/pages/session-page.ts';
import type { SessionView } from '../../src/pages/session-view.ts';
import type { WishView } from '../../src/pages/wish-form.ts';
import { wishStopPage } from '../../src/pages/wish-stop-page.ts';
import { minutes, seconds } from '../../src/rules/instant.ts';
import { texts } from '../../src/texts/languages.ts';
import { doorScenes } from './door-scenes.ts';

export type Scene = { name: string; html: string };

const plan = (id: string, name: string, durationMinutes: number, delayMinutes: number, price: number) => ({
  id,
  name,
  description: null,
  durationMinutes,
  delayMinutes,
  price,
});

export function scenes(ctx: PageContext): Scene[] {
  return [...payScenes(ctx), ...doorScenes(ctx, weekAt(ctx.now)), ...sessionScenes(ctx), ...messageScenes(ctx)];
}

function payScenes(ctx: PageContext): Scene[] {
  const { now } = ctx;
  const washer: PayView = {
    uid: 'washer',
    deviceName: 'Washer 1',
    description: 'Front-loader, 7 kg',
    location: 'Bright Laundry, Harbour Street',
    currency: 'eur',
    plans: [
      plan('quick', 'Quick rinse', 15, 0, 100),
      { ...plan('wash', 'Standard wash', 60, 5, 250), description: 'Warm, 1200 turns' },
      plan('hot', 'Hot wash', 90, 5, 350),
    ],
    state: { kind: 'ready' },
    lastSessionUrl: null,
    cancelled: false,
  };
  const scene = (name: string, change: Partial<PayView>): Scene => ({
    name: `pay-${name}`,
    html: payPage({ ...washer, ...change }, ctx),
  });
  const states: [string, PayState][] = [
    ['held', { kind: 'held', until: now + seconds(107) }],
    ['kept-for-you', { kind: 'held-by-you', planId: 'wash', until: now + seconds(141), continueUrl: '#' }],
    ['in-use', { kind: 'in-use', freeAt: now + minutes(23) }],
    ['in-use-by-you', { kind: 'yours', freeAt: now + minutes(23), sessionUrl: '#' }],
    ['in-use-open-end', { kind: 'in-use', freeAt: null }],
    ['closed-for-good', { kind: 'closed', opensAt: null }],
    ['closed', { kind: 'closed', opensAt: now + minutes(60 * 64 + 20) }],
    ['too-late', { kind: 'too-late', closesAt: now + minutes(20), opensAt: now + minutes(60 * 64 + 20) }],
    ['maintenance', { kind: 'maintenance' }],
    ['offline', { kind: 'offline' }],
    ['payments-off', { kind: 'payments-off' }],
  ];
  const wish: WishView = { alike: 2, until: now + minutes(560), mine: null, open: false };
  const wishes: [string, PayState, Partial<WishView>][] = [
    ['wish-offered', { kind: 'in-use', freeAt: now + minutes(23) }, {}],
    ['wish-offered-held', { kind: 'held', until: now + seconds(107) }, {}],
    ['wish-offered-offline', { kind: 'offline' }, {}],
    ['wish-form', { kind: 'in-use', freeAt: now + minutes(23) }, { open: true }],
    ['wish-form-only-one', { kind: 'in-use', freeAt: null }, { open: true, alike: 0 }],
    [
      'wish-refused',
      { kind: 'in-use', freeAt: now + minutes(23) },
      {
        open: true,
        form: { email: 'me@nowhere', any: false, error: texts(ctx.language).pay.wish.problems.email, field: 'email' },
      },
    ],
    [
      'wish-too-many',
      { kind: 'in-use', freeAt: now + minutes(23) },
      {
        open: true,
        alike: 1,
        form: { email: 'me@example.com', any: true, error: texts(ctx.language).pay.wish.problems.tooMany },
      },
    ],
    ['wish-noted', { kind: 'in-use', freeAt: now + minutes(23) }, { mine: { any: true, expiresAt: wish.until } }],
    ['wish-noted-this-one', { kind: 'offline' }, { mine: { any: false, expiresAt: wish.until } }],
  ];
  const { problems } = texts(ctx.language).pay;
  const opened = (one: Scene): Scene => ({ ...one, html: one.html.replaceAll('<details ', '<details open ') });
  return [
    scene('ready', {}),
    scene('used-before', { lastSessionUrl: '#' }),
    scene('chosen', { form: { planId: 'wash', error: null } }),
    scene('receipt', { mailOn: true, form: { planId: 'wash', email: 'me@example.com', error: null } }),
    scene('refused', { form: { planId: 'wash', email: 'me@nowhere', error: problems.email, field: 'email' } }),
    scene('stripe-down', { form: { planId: 'wash', error: problems.payment } }),
    opened(scene('hours', { hours: hoursOf('ready', now) })),
    opened(scene('kept-other', { state: states[1]?.[1] ?? washer.state, mailOn: true })),
    withoutSignal(scene('no-signal', { form: { planId: 'wash', error: null } })),
    branded(ctx, (branding) => payPage(washer, branding)),
    scene('one-plan', { deviceName: 'Dryer', description: 'Up to 8 kg', plans: [plan('dry', 'Dry', 45, 2, 200)] }),
    scene('free', { deviceName: 'Massage chair', description: null, plans: [plan('ten', 'Ten minutes', 10, 0, 0)] }),
    ...states.map(([name, state]) => scene(name, { state, hours: hoursOf(state.kind, now) })),
    ...wishes.map(([name, state, change]) => scene(name, { state, wish: { ...wish, ...change } })),
    scene('closing-soon', {
      hours: hoursOf('ready', now),
      plans: washer.plans.map((one) => (one.durationMinutes < 60 ? one : { ...one, unfit: 'ends-after-closing' })),
    }),
    scene('came-back', { state: states[1]?.[1] ?? washer.state, cancelled: true }),
    scene('no-plans', { state: { kind: 'no-plans' }, plans: [] }),
    scene('long-words', {
      deviceName: 'Waschmaschinenkombinationsgerät im Untergeschoss',
      plans: [
        plan('a', 'Feinwäscheschonprogramm mit Vorwäsche und Zusatzspülgang', 135, 10, 1250),
        plan('b', 'Auslüften', 5, 0, 0),
      ],
    }),
  ];
}

/** Shown where the hours matter. */
function hoursOf(kind: PayState['kind'], now: number): HoursView | null {
  if (kind === 'closed') return { ...weekAt(now), open: false, closesAt: null };
  return kind === 'ready' || kind === 'too-late' ? weekAt(now) : null;
}

/** A Friday with a holiday on the Sunday after it. */
function weekAt(now: number): HoursView {
  const usual = { spans: [{ from: 420, to: 1320 }], holiday: null };
  const days: HoursView['days'] = [
    { date: '2026-06-12', weekday: 'friday', spans: [{ from: 420, to: 900 }], holiday: 'Summer festival' },
    {
      date: '2026-06-13',
      weekday: 'saturday',
      spans: [
        { from: 480, to: 720 },
        { from: 840, to: 1560 },
      ],
      holiday: null,
    },
    { date: '2026-06-14', weekday: 'sunday', spans: [], holiday: null },
    { date: '2026-06-15', weekday: 'monday', ...usual },
    { date: '2026-06-16', weekday: 'tuesday', ...usual },
    { date: '2026-06-17', weekday: 'wednesday', ...usual },
    { date: '2026-06-18', weekday: 'thursday', ...usual },
  ];
  return { open: true, closesAt: now + minutes(20), days };
}

function sessionScenes(ctx: PageContext): Scene[] {
  const { now } = ctx;
  const waiting = { startedAt: null, endsAt: null, remainingSeconds: 3600 };
  const over = {
    startedAt: now - minutes(61),
    endsAt: now - minutes(1),
    endedAt: now - minutes(1),
    remainingSeconds: 0,
  };
  const early = { ...over, startedAt: now - minutes(21), endsAt: now + minutes(39) };
  const run: SessionView = {
    token: 'token',
    deviceName: 'Washer 1',
    planName: 'Standard wash',
    location: 'Bright Laundry, Harbour Street',
    payUrl: '/pay/washer',
    state: 'running',
    startsAt: now - minutes(22),
    startedAt: now - minutes(22),
    endsAt: now + minutes(38) - 1000,
    endedAt: null,
    remainingSeconds: 38 * 60 - 1,
    durationSeconds: 3600,
    delaySeconds: 300,
    price: 250,
    currency: 'eur',
    added: [],
    onTop: [],
    extendProblem: null,
    refund: null,
    failureReason: null,
  };
  const onTop = [
    { id: 'plan_15', name: '15 minutes more', durationMinutes: 15, price: 100 },
    { id: 'plan_60', name: 'Standard wash', durationMinutes: 60, price: 250 },
  ];
  const { problems } = texts(ctx.language).session.more;
  const scene = (name: string, change: Partial<SessionView>): Scene => ({
    name: `session-${name}`,
    html: sessionPage({ ...run, ...change }, ctx),
  });
  const noStart: Partial<SessionView> = {
    ...waiting,
    state: 'failed-to-start',
    endedAt: now,
    remainingSeconds: 0,
    failureReason: 'relay_on_failed',
  };
  const refund = { amount: 250, state: 'pending' as const };
  const message: MessageView = { may: true, left: 5, lastAt: null, email: 'guest@example.com', open: false };
  const { message: messageWords } = texts(ctx.language).session;
  const messages: [string, Partial<MessageView>][] = [
    ['message-form', { open: true }],
    [
      'message-refused',
      { open: true, form: { text: '', email: 'me@nowhere', error: messageWords.problems.empty, field: 'text' } },
    ],
    [
      'message-bad-address',
      { open: true, form: { text: 'It hums', email: 'me@', error: messageWords.problems.email, field: 'email' } },
    ],
    ['message-passed-on', { lastAt: now, left: 4 }],
    ['message-enough', { lastAt: now, left: 0 }],
  ];
  return [
    scene('waiting-for-payment', { ...waiting, state: 'waiting-for-payment', startsAt: null }),
    scene('load-soon', { ...waiting, state: 'waiting-to-start', startsAt: now }),
    scene('load-now', { ...waiting, state: 'waiting-to-start', startsAt: now + seconds(222) }),
    scene('starting', { ...waiting, state: 'starting' }),
    scene('starting-free', { ...waiting, state: 'starting', price: 0 }),
    withoutSignal(scene('running-no-signal', {})),
    scene('running', {}),
    scene('running-long', { durationSeconds: 5400, remainingSeconds: 4503, endsAt: now + seconds(4503) }),
    scene('running-extendable', { onTop }),
    scene('running-extended', { onTop, durationSeconds: 4500, added: [{ minutes: 15, paid: true }] }),
    scene('running-paying-more', { onTop, added: [{ minutes: 15, paid: false }] }),
    scene('running-too-late', { onTop: [], extendProblem: problems.tooLate }),
    scene('running-payment-down', { onTop, extendProblem: problems.payment }),
    scene('finishing', { state: 'finishing', remainingSeconds: 0, endsAt: now }),
    scene('complete', { ...over, state: 'complete' }),
    scene('complete-free', { ...over, state: 'complete', price: 0 }),
    scene('complete-early', { ...over, state: 'complete', startedAt: now - minutes(38) }),
    scene('payment-reversed', { ...early, state: 'interrupted', failureReason: 'payment_reversed' }),
    scene('lost-sight', { ...early, state: 'interrupted', failureReason: 'reconciliation_timeout', message }),
    scene('ended-by-staff', {
      ...early,
      state: 'interrupted',
      failureReason: 'force_ended_by_admin',
      refund: { amount: 167, state: 'done' },
    }),
    scene('stopped-early', {
      ...early,
      state: 'interrupted',
      failureReason: 'relay_off_prematurely',
      refund: { amount: 167, state: 'pending' },
    }),
    scene('could-not-start-free', { ...noStart, price: 0, message }),
    scene('could-not-start-offline', { ...noStart, failureReason: 'device_offline', message }),
    scene('could-not-start', { ...noStart, message }),
    ...messages.map(([name, change]) => scene(name, { ...noStart, refund, message: { ...message, ...change } })),
    scene('unavailable-message', { state: 'unavailable', message }),
    scene('running-message', { message }),
    scene('finishing-message', { state: 'finishing', remainingSeconds: 0, endsAt: now, message }),
    scene('waiting-for-payment-message', { ...waiting, state: 'waiting-for-payment', startsAt: null, message }),
    scene('complete-message', { ...over, state: 'complete', message }),
    scene('could-not-start-refunded', { ...noStart, refund: { amount: 250, state: 'done' } }),
    scene('refund-failed', { ...noStart, refund: { amount: 250, state: 'failed' }, message }),
    scene('not-paid', { ...waiting, state: 'payment-not-completed', remainingSeconds: 0 }),
    scene('unavailable', { state: 'unavailable' }),
    scene('unavailable-at-the-end', { state: 'unavailable', remainingSeconds: 0, endsAt: now, message }),
  ];
}

/** What stands there when the script finds no connection. */
const withoutSignal = (one: Scene): Scene => ({
  ...one,
  html: one.html.replace('role="status" hidden', 'role="status"'),
});

/** An owner's logo, greeting and colour: yellow, which is hard to read on white. */
const branded = (ctx: PageContext, draw: (ctx: PageContext) => string): Scene => ({
  name: 'pay-branded',
  html: draw({
    ...ctx,
    branding: {
      logo: ctx.assets.icon ?? null,
      color: '#ffcc00',
      headerText: 'Open day and night, by the old harbour',
      footerText: 'Bright Laundry Ltd\nHarbour Street 12, help@bright.example, +49 30 555 0123\nhttps://bright.example',
    },
  }),
});

function messageScenes(ctx: PageContext): Scene[] {
  const kinds: MessageKind[] = ['not-found', 'error', 'too-many', 'unavailable'];
  const plain = {
    ...ctx,
    companyName: null,
    branding: { logo: null, color: null, headerText: null, footerText: null },
  };
  return [
    ...kinds.map((kind) => ({ name: `message-${kind}`, html: messagePage(kind, plain) })),
    { name: 'wish-stop', html: wishStopPage({ action: '#', stopped: false }, ctx) },
    { name: 'wish-stopped', html: wishStopPage({ action: '#', stopped: true }, ctx) },
  ];
}
