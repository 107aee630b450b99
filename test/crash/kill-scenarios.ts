import { expect } from 'vitest';
import { type Machine, type Place, until } from './place.ts';

/**
 * What makes a purchase come to each commit. `prepare` brings a machine right before it; in `act` the server dies (its
 * answer may die with it); `right` looks at what the next server makes of it. Each ends with a run that is over: the books
 * are compared at the end, over all of them.
 */
export type Scenario = {
  /** The commits that it comes to in `act`. */
  commits: readonly string[];
  what: string;
  prepare?(scene: Scene): Promise<void>;
  act(scene: Scene): Promise<unknown>;
  right(scene: Scene): Promise<unknown>;
};

/** One machine and the guest at it. */
export type Scene = {
  place: Place;
  machine: Machine;
  cookie: string;
  token: string;
  checkoutId: string;
};

const stripe = ({ place }: Scene) => place.simulators.stripe;
const relay = ({ place, machine }: Scene) => place.simulators.shelly.device(machine.name).channels[0];
const flipsOn = ({ place, machine }: Scene): number =>
  place.simulators.shelly.history(machine.name).filter(({ kind, on }) => kind === 'flip' && on).length;
const sessionOf = async ({ place, token }: Scene) => (await place.call('GET', `/api/sessions/${token}`)).body;

async function intent(scene: Scene) {
  const { place, machine, cookie } = scene;
  const before = new Set(
    stripe(scene)
      .checkouts()
      .map(({ id }) => id),
  );
  const path = `/api/public/device/${machine.uid}/intent`;
  const answer = await place.call('POST', path, { body: { planId: machine.minute }, cookie, staff: false });
  const made = stripe(scene)
    .checkouts()
    .find(({ id, url }) => !before.has(id) || url === answer.body?.url);
  if (made !== undefined) know(scene, made);
  return answer;
}

function know(scene: Scene, checkout: { id: string; successUrl: string }): void {
  scene.checkoutId = checkout.id;
  scene.token = /\/session\/([^?]+)/.exec(checkout.successUrl)?.[1] ?? '';
}

/** The money is at Stripe, and Stripe has not told of it. */
async function pay(scene: Scene): Promise<void> {
  expect((await intent(scene)).status).toBe(200);
  expect(await stripe(scene).pay(scene.checkoutId)).toEqual({ paid: true });
}

/** Stripe tells of everything about this purchase. */
async function tell(scene: Scene, type = 'checkout.session.completed'): Promise<void> {
  const { paymentIntentId } =
    stripe(scene)
      .checkouts()
      .find(({ id }) => id === scene.checkoutId) ?? {};
  for (const event of stripe(scene).events()) {
    const { object } = event.data;
    const about = object.id === scene.checkoutId || (object.payment_intent ?? object.id) === paymentIntentId;
    if (event.type === type && about) await stripe(scene).deliver(event.id);
  }
}

const running = (scene: Scene) =>
  until(`${scene.machine.name} running`, async () => {
    const session = await sessionOf(scene);
    return session.startedAt !== null && session.status === 'ACTIVE' ? session : null;
  });

async function begun(scene: Scene): Promise<void> {
  await pay(scene);
  await tell(scene);
  await running(scene);
}

const endByStaff = ({ place, token }: Scene) => place.call('PATCH', `/api/sessions/${token}/end`, { body: {} });

async function over(scene: Scene): Promise<void> {
  await until(`${scene.machine.name} over`, async () =>
    ['COMPLETED', 'CANCELLED'].includes((await sessionOf(scene)).status),
  );
  await until(`${scene.machine.name} off`, () => relay(scene)?.output === false);
}

async function ended(scene: Scene): Promise<void> {
  if ((await sessionOf(scene)).status === 'ACTIVE') await endByStaff(scene);
  await over(scene);
}

/** One switch-on with effect, and no second one. */
async function runsOnce(scene: Scene): Promise<void> {
  await running(scene);
  expect(flipsOn(scene)).toBe(1);
  await ended(scene);
  expect(flipsOn(scene)).toBe(1);
}

const refundOf = (scene: Scene) => {
  const { paymentIntentId } =
    stripe(scene)
      .checkouts()
      .find(({ id }) => id === scene.checkoutId) ?? {};
  return stripe(scene)
    .charges()
    .find((charge) => charge.paymentIntentId === paymentIntentId);
};

/** The rest of the price came back, once. */
async function refundedOnce(scene: Scene): Promise<void> {
  await over(scene);
  await until(`${scene.machine.name} refunded`, () => (refundOf(scene)?.amountRefunded ?? 0) > 0);
  const { sessionId } = { sessionId: (await sessionOf(scene)).id };
  await until('and written down', async () => {
    const { body } = await scene.place.call('GET', '/api/payments?limit=500');
    const payment = body.find((one: { sessionId: string }) => one.sessionId === sessionId);
    return payment.refundedAmount === refundOf(scene)?.amountRefunded;
  });
  expect(refundOf(scene)?.refunds.length).toBe(1);
}

const cron = ({ place }: Scene, name: string) =>
  place.call('POST', `/api/cron/${name}?token=${place.environment.CRON_SECRET}`, { staff: false });

async function extend(scene: Scene) {
  const path = `/api/public/sessions/${scene.token}/extend`;
  return scene.place.call('POST', path, { body: { planId: scene.machine.minute }, staff: false });
}

/** The guest asks again until they are shown where to pay, and pays; one payment comes of it. */
async function extendedOnce(scene: Scene): Promise<void> {
  const asked = await extend(scene);
  expect(asked.status).toBe(200);
  const extension = stripe(scene)
    .checkouts()
    .find(({ url }) => url === asked.body.url);
  expect(extension).toBeDefined();
  const { durationMinutes } = await sessionOf(scene);
  await stripe(scene).pay(extension?.id ?? '');
  await tell({ ...scene, checkoutId: extension?.id ?? '' });
  await until('more time', async () => (await sessionOf(scene)).durationMinutes === durationMinutes + 1);
  await ended(scene);
}

export const scenarios: readonly Scenario[] = [
  {
    commits: ['checkout-open', 'checkout-ready'],
    what: 'a guest begins to pay',
    act: intent,
    async right(scene) {
      const { length } = stripe(scene).checkouts();
      expect((await intent(scene)).status).toBe(200);
      expect(stripe(scene).checkouts().length - length).toBeLessThanOrEqual(1); // the one before is taken up again
      await stripe(scene).pay(scene.checkoutId);
      await tell(scene);
      await runsOnce(scene);
    },
  },
  {
    commits: ['checkout-refused'],
    what: 'Stripe refuses the key',
    async prepare({ place }) {
      await place.call('PATCH', '/api/configs/stripe', { body: { secretKey: 'sk_test_wrong' } });
    },
    act: intent,
    async right(scene) {
      const { secretKey } = stripe(scene);
      await scene.place.call('PATCH', '/api/configs/stripe', { body: { secretKey } });
      await begun(scene);
      await runsOnce(scene);
    },
  },
  {
    commits: ['provider-event'],
    what: 'Stripe tells that it is paid',
    prepare: pay,
    act: tell,
    async right(scene) {
      await tell(scene);
      await tell(scene, 'payment_intent.succeeded');
      await runsOnce(scene);
    },
  },
  {
    commits: ['provider-event'],
    what: 'Stripe tells that it was given back by hand',
    async prepare(scene) {
      await begun(scene);
      await stripe(scene).refundFromDashboard(refundOf(scene)?.paymentIntentId ?? '');
    },
    act: (scene) => tell(scene, 'charge.refunded'),
    async right(scene) {
      await tell(scene, 'charge.refunded');
      await refundedOnce(scene);
    },
  },
  {
    commits: ['payment-checked'],
    what: 'the guest comes back before Stripe has told',
    prepare: pay,
    act: ({ place, token }) => place.call('GET', `/session/${token}`, { staff: false }),
    async right(scene) {
      scene.place.ahead(5_000);
      await scene.place.call('GET', `/session/${scene.token}`, { staff: false });
      await runsOnce(scene);
    },
  },
  {
    commits: ['payment-later'],
    what: 'the guest comes back while Stripe has trouble',
    async prepare(scene) {
      await pay(scene);
      stripe(scene).setFault('server-error');
    },
    act: ({ place, token }) => place.call('GET', `/session/${token}`, { staff: false }),
    async right(scene) {
      stripe(scene).setFault('none');
      scene.place.ahead(61_000); // by itself: nobody asks
      await runsOnce(scene);
    },
  },
  {
    commits: ['session-step', 'session-outcome'],
    what: 'it is switched on',
    prepare: pay,
    act: tell,
    async right(scene) {
      await tell(scene);
      await runsOnce(scene);
    },
  },
  {
    commits: ['session-read', 'session-step'],
    what: 'it is looked at while it runs',
    prepare: begun,
    act: async ({ place }) => place.ahead(12_000),
    right: runsOnce,
  },
  {
    commits: ['session-step', 'session-outcome'],
    what: 'it comes to its end',
    prepare: begun,
    act: async ({ place }) => place.ahead(61_000),
    async right(scene) {
      await over(scene);
      expect((await sessionOf(scene)).status).toBe('COMPLETED');
      expect(refundOf(scene)?.amountRefunded).toBe(0);
    },
  },
  {
    commits: ['session-ended-by-staff', 'session-step', 'session-outcome', 'refund-done'],
    what: 'staff ends it',
    prepare: begun,
    act: async (scene) => endByStaff(scene),
    async right(scene) {
      await ended(scene);
      await refundedOnce(scene);
    },
  },
  {
    commits: ['refund-later'],
    what: 'Stripe has trouble while it is to give back',
    async prepare(scene) {
      await begun(scene);
      stripe(scene).setFault('server-error');
    },
    act: endByStaff,
    async right(scene) {
      stripe(scene).setFault('none');
      await over(scene);
      scene.place.ahead(30_000);
      await refundedOnce(scene);
    },
  },
  {
    commits: ['refund-closed'],
    what: 'Stripe refuses to give back',
    async prepare(scene) {
      await begun(scene);
      stripe(scene).setFault('refund-fails');
    },
    act: endByStaff,
    async right(scene) {
      stripe(scene).setFault('none');
      await over(scene);
      scene.place.ahead(150_000);
      await refundedOnce(scene);
    },
  },
  {
    commits: ['extension-open', 'checkout-ready'],
    what: 'the guest asks for more time',
    prepare: begun,
    act: extend,
    right: extendedOnce,
  },
  {
    commits: ['provider-event'],
    what: 'Stripe tells that more time is paid',
    async prepare(scene) {
      await begun(scene);
      const asked = await extend(scene);
      const extension = stripe(scene)
        .checkouts()
        .find(({ url }) => url === asked.body.url);
      await stripe(scene).pay(extension?.id ?? '');
    },
    async act(scene) {
      const extension = stripe(scene).checkouts().at(-1)?.id ?? '';
      await tell({ ...scene, checkoutId: extension });
    },
    async right(scene) {
      const extension = stripe(scene).checkouts().at(-1)?.id ?? '';
      await tell({ ...scene, checkoutId: extension });
      await until('twice the time', async () => (await sessionOf(scene)).durationMinutes === 2);
      await runsOnce(scene);
    },
  },
  {
    commits: ['relay-read'],
    what: 'a guest looks at a machine',
    async prepare({ place }) {
      place.ahead(30_000);
    },
    act: ({ place, machine }) => place.call('GET', `/pay/${machine.uid}`, { staff: false }),
    async right(scene) {
      await begun(scene);
      await runsOnce(scene);
    },
  },
  {
    commits: ['stray-relay-asked', 'stray-relay-told'],
    what: 'a machine was switched on by its button',
    async prepare({ place, machine }) {
      place.simulators.shelly.setOutput(machine.name, 0, true);
      place.ahead(30_000);
    },
    act: (scene) => cron(scene, 'session-reconcile'),
    async right(scene) {
      await cron(scene, 'session-reconcile');
      await until('off', () => relay(scene)?.output === false);
    },
  },
  {
    commits: ['sessions-woken'],
    what: 'an outside cron looks after the runs',
    prepare: begun,
    act: (scene) => cron(scene, 'session-reconcile'),
    async right(scene) {
      await cron(scene, 'session-cleanup');
      await runsOnce(scene);
    },
  },
  {
    commits: ['force-off-asked', 'switch-told'],
    what: 'staff forces it off',
    prepare: begun,
    act: ({ place, machine }) => place.call('POST', `/api/devices/${machine.id}/force-off`),
    async right(scene) {
      const { place, machine } = scene;
      if ((await sessionOf(scene)).status === 'ACTIVE')
        await place.call('POST', `/api/devices/${machine.id}/force-off`);
      await refundedOnce(scene);
    },
  },
  {
    commits: ['switch-asked', 'switch-told'],
    what: 'staff switches it on for a while',
    act: ({ place, machine }) =>
      place.call('POST', `/api/devices/${machine.id}/switch`, { body: { on: true, minutes: 1 } }),
    async right(scene) {
      expect(flipsOn(scene)).toBeLessThanOrEqual(1);
      scene.place.ahead(61_000);
      expect(relay(scene)?.output).toBe(false); // by its own timer
    },
  },
];
