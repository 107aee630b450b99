import { expect } from 'vitest';
import { until } from './place.ts';
import {
  begun,
  cron,
  endByStaff,
  ended,
  extend,
  extendedOnce,
  flipsOn,
  intent,
  over,
  pay,
  refundedInTime,
  refundedOnce,
  refundOf,
  relay,
  runsOnce,
  type Scene,
  sessionOf,
  stripe,
  tell,
} from './scene.ts';

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

export const scenarios: readonly Scenario[] = [
  {
    commits: ['checkout-open', 'checkout-ready'],
    what: 'a guest begins to pay',
    act: (scene) => intent(scene),
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
    act: (scene) => intent(scene),
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
    prepare: (scene) => pay(scene),
    act: (scene) => tell(scene),
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
    commits: ['books-checked'],
    what: 'Stripe is asked what it was that was given back by hand',
    async prepare(scene) {
      await begun(scene);
      await stripe(scene).refundFromDashboard(refundOf(scene)?.paymentIntentId ?? '');
    },
    act: (scene) => tell(scene, 'charge.refunded'),
    right: refundedOnce,
  },
  {
    commits: ['books-later'],
    what: 'Stripe has trouble when it is asked that',
    async prepare(scene) {
      await begun(scene);
      await stripe(scene).refundFromDashboard(refundOf(scene)?.paymentIntentId ?? '');
      stripe(scene).setFault('server-error');
    },
    act: (scene) => tell(scene, 'charge.refunded'),
    async right(scene) {
      stripe(scene).setFault('none');
      await refundedInTime(scene);
    },
  },
  {
    commits: ['payment-checked'],
    what: 'the guest comes back before Stripe has told',
    prepare: (scene) => pay(scene),
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
    prepare: (scene) => pay(scene),
    act: (scene) => tell(scene),
    async right(scene) {
      await tell(scene);
      await runsOnce(scene);
    },
  },
  {
    commits: ['session-read'],
    what: 'it is looked at while it runs',
    prepare: (scene) => begun(scene),
    act: async ({ place }) => place.ahead(12_000),
    right: (scene) => runsOnce(scene),
  },
  {
    commits: ['session-step', 'session-read'],
    what: 'its end has come, and nobody has seen it for long',
    prepare: (scene) => begun(scene),
    act: async ({ place }) => place.ahead(61_000),
    async right(scene) {
      await over(scene);
      expect((await sessionOf(scene)).status).toBe('COMPLETED');
      expect(refundOf(scene)?.amountRefunded).toBe(0);
    },
  },
  {
    commits: ['session-outcome'],
    what: 'it comes to its end',
    prepare: (scene) => begun(scene),
    act: async ({ place }) => place.ahead(58_000),
    async right(scene) {
      await over(scene);
      expect((await sessionOf(scene)).status).toBe('COMPLETED');
      expect(refundOf(scene)?.amountRefunded).toBe(0);
    },
  },
  {
    commits: ['session-ended-by-staff', 'refund-weighed', 'refund-done'],
    what: 'staff ends it',
    prepare: (scene) => begun(scene),
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
      await refundedInTime(scene);
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
      await refundedInTime(scene);
    },
  },
  {
    commits: ['extension-open', 'checkout-ready'],
    what: 'the guest asks for more time',
    prepare: (scene) => begun(scene, scene.machine.hour),
    act: extend,
    right: extendedOnce,
  },
  {
    commits: ['provider-event'],
    what: 'Stripe tells that more time is paid',
    async prepare(scene) {
      await begun(scene, scene.machine.hour);
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
      await until('more time', async () => (await sessionOf(scene)).durationMinutes === 61);
      await runsOnce(scene, 2);
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
    commits: ['relay-told'],
    what: 'a relay on a broker tells that somebody switched it off in a run',
    async prepare(scene) {
      await scene.place.moveToBroker(scene.machine);
      await begun(scene, scene.machine.hour);
    },
    act: async ({ place, machine }) => place.simulators.shelly.setOutput(machine.name, 0, false),
    async right(scene) {
      await until('on again', () => relay(scene)?.output === true);
      expect(flipsOn(scene)).toBe(2);
      await ended(scene);
      await refundedOnce(scene);
      expect(flipsOn(scene)).toBe(2);
    },
  },
  {
    commits: ['relay-told'],
    what: 'a relay on a broker tells that it came to its end',
    async prepare(scene) {
      await scene.place.moveToBroker(scene.machine);
      await begun(scene);
    },
    act: async ({ place }) => place.ahead(61_000),
    async right(scene) {
      await over(scene);
      expect((await sessionOf(scene)).status).toBe('COMPLETED');
      expect(refundOf(scene)?.amountRefunded).toBe(0);
      expect(flipsOn(scene)).toBe(1);
    },
  },
  {
    commits: ['sessions-woken'],
    what: 'an outside cron looks after the runs',
    prepare: (scene) => begun(scene),
    act: (scene) => cron(scene, 'session-reconcile'),
    async right(scene) {
      await cron(scene, 'session-cleanup');
      await runsOnce(scene);
    },
  },
  {
    commits: ['force-off-asked', 'switch-told'],
    what: 'staff forces it off',
    prepare: (scene) => begun(scene),
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
