import { expect } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { type Machine, type Place, until } from './place.ts';

/** One machine and the guest at it. */
export type Scene = {
  place: Place;
  machine: Machine;
  cookie: string;
  token: string;
  checkoutId: string;
};

export const stripe = ({ place }: Scene) => place.simulators.stripe;
export const relay = ({ place, machine }: Scene) => place.simulators.shelly.device(machine.name).channels[0];
export const flipsOn = ({ place, machine }: Scene): number =>
  place.simulators.shelly.history(machine.name).filter(({ kind, on }) => kind === 'flip' && on).length;
export const sessionOf = async ({ place, token }: Scene) => (await place.call('GET', `/api/sessions/${token}`)).body;

export async function intent(scene: Scene, planId = scene.machine.minute) {
  const { place, machine, cookie } = scene;
  const before = new Set(
    stripe(scene)
      .checkouts()
      .map(({ id }) => id),
  );
  const path = `/api/public/device/${machine.uid}/intent`;
  const answer = await place.call('POST', path, { body: { planId }, cookie, staff: false });
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
export async function pay(scene: Scene, planId?: string): Promise<void> {
  expect((await intent(scene, planId)).status).toBe(200);
  expect(await stripe(scene).pay(scene.checkoutId)).toEqual({ paid: true });
}

/** Stripe tells of everything about this purchase. */
export async function tell(scene: Scene, type = 'checkout.session.completed'): Promise<void> {
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

export async function begun(scene: Scene, planId?: string): Promise<void> {
  await pay(scene, planId);
  await tell(scene);
  await running(scene);
}

export const endByStaff = ({ place, token }: Scene) => place.call('PATCH', `/api/sessions/${token}/end`, { body: {} });

export async function over(scene: Scene): Promise<void> {
  await until(`${scene.machine.name} over`, async () =>
    ['COMPLETED', 'CANCELLED'].includes((await sessionOf(scene)).status),
  );
  await until(`${scene.machine.name} off`, () => relay(scene)?.output === false);
}

export async function ended(scene: Scene): Promise<void> {
  if ((await sessionOf(scene)).status === 'ACTIVE') await endByStaff(scene);
  await over(scene);
}

/** One switch-on with effect; a second one is sent only where the timer of a longer run is to be set. */
export async function runsOnce(scene: Scene, switchOns = 1): Promise<void> {
  await running(scene);
  expect(flipsOn(scene)).toBe(1);
  await ended(scene);
  expect(flipsOn(scene)).toBe(1);
  const sets = scene.place.simulators.shelly.history(scene.machine.name).filter(({ kind, on }) => kind === 'set' && on);
  expect(sets.length).toBeLessThanOrEqual(switchOns);
}

export const refundOf = (scene: Scene) => {
  const { paymentIntentId } =
    stripe(scene)
      .checkouts()
      .find(({ id }) => id === scene.checkoutId) ?? {};
  return stripe(scene)
    .charges()
    .find((charge) => charge.paymentIntentId === paymentIntentId);
};

/** What is asked for again later is asked for now. */
export async function refundedInTime(scene: Scene): Promise<void> {
  for (let n = 0; n < 20 && (refundOf(scene)?.amountRefunded ?? 0) === 0; n++) {
    scene.place.ahead(30_000);
    await systemClock.sleep(400);
  }
  await refundedOnce(scene);
}

/** The rest of the price came back, once. */
export async function refundedOnce(scene: Scene): Promise<void> {
  await over(scene);
  await until(`${scene.machine.name} refunded`, () => (refundOf(scene)?.amountRefunded ?? 0) > 0);
  const { id: sessionId } = await sessionOf(scene);
  await until('and written down', async () => {
    const { body } = await scene.place.call('GET', '/api/payments?limit=500');
    const payment = body.find((one: { sessionId: string }) => one.sessionId === sessionId);
    return payment.refundedAmount === refundOf(scene)?.amountRefunded;
  });
  expect(refundOf(scene)?.refunds.length).toBe(1);
}

export const cron = ({ place }: Scene, name: string) =>
  place.call('POST', `/api/cron/${name}?token=${place.environment.CRON_SECRET}`, { staff: false });

export async function extend(scene: Scene) {
  const path = `/api/public/sessions/${scene.token}/extend`;
  return scene.place.call('POST', path, { body: { planId: scene.machine.minute }, staff: false });
}

/** The guest asks again until they are shown where to pay, and pays; one payment comes of it. */
export async function extendedOnce(scene: Scene): Promise<void> {
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
