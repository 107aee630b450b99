import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clearAbandoned } from '../database/abandoned.ts';
import { freePort } from '../support/free-port.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type Machine, openPlace, type Place, until } from './place.ts';

/**
 * One purchase after the other, and the server killed without farewell at every step of them: nothing is lost, nothing
 * happens twice. Each start takes up what the one before left, and is killed at the next step.
 */
const prefix = 'keystead-crash-';
let folder: string;
let place: Place;
let washer: Machine;
let dryer: Machine;

beforeAll(async () => {
  await clearAbandoned(prefix);
  folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  chmodSync(folder, 0o755); // the database's user has to reach it
  place = await openPlace({ port: await freePort(), names: ['Washer', 'Dryer'] });
  place.environment.DATA_DIR = folder;
  const first = await startKeystead(place.environment);
  const [one, other] = await place.furnish();
  if (one === undefined || other === undefined) throw new Error('There are no machines');
  [washer, dryer] = [one, other];
  await first.stop();
});
afterAll(async () => {
  await killAll();
  await place.close();
  await clearAbandoned(prefix);
  rmSync(folder, { recursive: true, force: true });
});

/** A server that is to die at this commit, and what makes it come there. */
async function killedAt(killAt: string, work: () => Promise<unknown> = async () => undefined): Promise<void> {
  const server = await startKeystead(place.environment, killAt);
  await work().catch(() => undefined); // its answer may die with it
  expect(await server.ended()).toBe('SIGKILL');
}

async function alive<T>(work: (server: KeysteadProcess) => Promise<T>): Promise<T> {
  const server = await startKeystead(place.environment);
  const result = await work(server);
  await server.stop();
  return result;
}

const { call } = { call: ((...all) => place.call(...all)) as Place['call'] };
const stripe = () => place.simulators.stripe;
const relay = (machine: Machine) => place.simulators.shelly.device(machine.name).channels[0];
const sets = (machine: Machine) => place.simulators.shelly.history(machine.name).filter(({ kind }) => kind === 'set');
const switchOns = (machine: Machine) => sets(machine).filter(({ on }) => on).length;
const sessionOf = async (token: string) => (await call('GET', `/api/sessions/${token}`)).body;
const paymentOf = async (token: string) => {
  const session = await sessionOf(token);
  return (await call('GET', '/api/payments')).body.find(
    ({ sessionId }: { sessionId: string }) => sessionId === session.id,
  );
};
const tokenOf = (checkoutId: string): string => {
  const checkout = stripe()
    .checkouts()
    .find(({ id }) => id === checkoutId);
  return /\/session\/([^?]+)/.exec(checkout?.successUrl ?? '')?.[1] ?? '';
};
const intent = (machine: Machine, cookie: string, planId = machine.hour) =>
  call('POST', `/api/public/device/${machine.uid}/intent`, { body: { planId }, cookie, staff: false });
const deliver = async (type: string): Promise<void> => {
  for (const { id } of stripe()
    .events()
    .filter((event) => event.type === type))
    await stripe().deliver(id);
};
const ended = (token: string) =>
  until('the end', async () => {
    const session = await sessionOf(token);
    return ['COMPLETED', 'CANCELLED'].includes(session.status) ? session : null;
  });
/** Paid = delivered + refunded, where the money is. */
async function expectMoneyAddsUp(token: string, price: number, seconds: number): Promise<void> {
  const charge = () => stripe().charges().at(-1);
  const payment = await until('the refund', async () => {
    const found = await paymentOf(token);
    return found.refundedAmount > 0 ? found : null;
  });
  const { actualDuration } = await sessionOf(token);
  const delivered = Math.floor((price * Math.floor((actualDuration ?? 0) * 60 + 0.01)) / seconds);
  expect(charge()?.refunds.length).toBe(1);
  expect(payment.refundedAmount).toBe(charge()?.amountRefunded);
  expect(Math.abs(price - delivered - payment.refundedAmount)).toBeLessThanOrEqual(1); // minutes are told to two digits
}

describe('one purchase, with a crash at every step', () => {
  let cookie = '';
  let checkoutId = '';
  let token = '';

  test('the checkout is opened once, although the server dies three times over it', async () => {
    await killedAt('checkout-open:after', async () => {
      ({ cookie } = await call('GET', `/pay/${washer.uid}`, { staff: false }));
      await intent(washer, cookie);
    });
    expect(stripe().checkouts()).toEqual([]);
    await killedAt('checkout-ready:before', () => intent(washer, cookie));
    await killedAt('checkout-ready:after', () => intent(washer, cookie));
    await alive(async () => {
      const begun = await intent(washer, cookie);
      expect(begun.status).toBe(200);
      const [checkout, ...others] = stripe().checkouts();
      expect(others).toEqual([]);
      expect(begun.body.url).toBe(checkout?.url);
      checkoutId = checkout?.id ?? '';
      token = tokenOf(checkoutId);
      expect((await call('GET', '/api/sessions')).body.length).toBe(1);
    });
  });

  test('the payment is taken in once, although the server dies before and after it', async () => {
    stripe().holdWebhooks(true);
    await killedAt('provider-event:before', async () => {
      await stripe().pay(checkoutId);
      await deliver('checkout.session.completed');
    });
    await killedAt('provider-event:after', () => deliver('checkout.session.completed'));
    expect(sets(washer)).toEqual([]);
  });

  test('it is switched on once: asked and not sent, sent and not told, seen and not told', async () => {
    await killedAt('session-step:after');
    expect(sets(washer)).toEqual([]);
    await killedAt('session-outcome:before');
    expect(switchOns(washer)).toBe(1);
    expect(relay(washer)).toMatchObject({ output: true, timerDuration: 3600 });
    await killedAt('session-read:before');
    await alive(async () => {
      const session = await until('the run', async () => {
        const now = await sessionOf(token);
        return now.startedAt === null ? null : now;
      });
      expect(session.status).toBe('ACTIVE');
      expect(Math.abs(Date.parse(session.startedAt) - (relay(washer)?.timerStartedAt ?? 0))).toBeLessThan(5000);
      stripe().holdWebhooks(false); // late, and told a second time
      await deliver('payment_intent.succeeded');
      expect((await paymentOf(token)).status).toBe('SUCCEEDED');
    });
    expect(switchOns(washer)).toBe(1);
  });

  test('staff ends it: it goes off in time, although the server dies over the word and over the command', async () => {
    await killedAt('session-ended-by-staff:after', () => call('PATCH', `/api/sessions/${token}/end`, { body: {} }));
    expect(relay(washer)?.output).toBe(true);
    await killedAt('session-step:after');
    const off = () => relay(washer)?.output === false;
    await alive(async () => {
      await until('the relay off', off);
      expect((await ended(token)).failureReason).toBe('force_ended_by_admin');
      await expectMoneyAddsUp(token, 250, 3600);
    });
    expect(switchOns(washer)).toBe(1);
    expect(stripe().charges().length).toBe(1);
  });
});

describe('the refund', () => {
  test('is made once, although the server dies before and after it is written down', async () => {
    let token = '';
    await killedAt('refund-done:before', async () => {
      const { cookie } = await call('GET', `/pay/${dryer.uid}`, { staff: false });
      await intent(dryer, cookie);
      const checkout = stripe().checkouts().at(-1);
      token = tokenOf(checkout?.id ?? '');
      await stripe().pay(checkout?.id ?? '');
      await until('the run', async () => (await sessionOf(token)).startedAt !== null);
      await call('POST', `/api/devices/${dryer.id}/force-off`);
    });
    expect(stripe().charges().at(-1)?.refunds.length).toBe(1);
    await killedAt('refund-done:after');
    await alive(() => expectMoneyAddsUp(token, 250, 3600));
    expect(relay(dryer)?.output).toBe(false);
  });
});

describe('staff’s hand', () => {
  const begin = async (machine: Machine): Promise<string> => {
    const { cookie } = await call('GET', `/pay/${machine.uid}`, { staff: false });
    expect((await intent(machine, cookie, machine.minute)).status).toBe(200);
    const checkout = stripe().checkouts().at(-1);
    const token = tokenOf(checkout?.id ?? '');
    await stripe().pay(checkout?.id ?? '');
    await until('the run', async () => (await sessionOf(token)).startedAt !== null);
    return token;
  };

  test('force-off that was written and not sent is carried out by the next start', async () => {
    let token = '';
    await killedAt('force-off-asked:after', async () => {
      token = await begin(washer);
      await call('POST', `/api/devices/${washer.id}/force-off`);
    });
    expect(relay(washer)?.output).toBe(true);
    await alive(async () => {
      await until('the relay off', () => relay(washer)?.output === false);
      expect((await ended(token)).failureReason).toBe('force_ended_by_admin');
      await expectMoneyAddsUp(token, 100, 60);
    });
  });

  test('a switch-on that was sent and not told keeps its time; one that was not sent is not sent later', async () => {
    const before = switchOns(dryer);
    await killedAt('switch-asked:after', () => call('POST', `/api/devices/${dryer.id}/switch`, { body: { on: true } }));
    await killedAt('switch-told:before', () => call('POST', `/api/devices/${dryer.id}/switch`, { body: { on: true } }));
    await alive(() =>
      until('a look', async () => {
        await call('GET', `/pay/${dryer.uid}`, { staff: false }); // guests look for themselves
        return (await call('GET', `/api/devices/${dryer.id}`)).body.relay === 'on';
      }),
    );
    expect(switchOns(dryer)).toBe(before + 1);
    expect(relay(dryer)).toMatchObject({ output: true, timerDuration: 900 });
  });
});
