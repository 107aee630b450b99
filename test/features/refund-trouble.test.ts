import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { adminOf } from '../support/signed-in.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterEach(() => laundry.stripe.setFault('none'));
afterAll(() => laundry.close());

const admin = adminOf(() => laundry);
const fail = async ({ token }: Bought) => laundry.call('PATCH', `/api/sessions/${token}/fail`, await admin());
const end = async ({ token }: Bought) => laundry.call('PATCH', `/api/sessions/${token}/end`, await admin());
const byHand = (bought: Bought, amount?: number) =>
  laundry.stripe.refundFromDashboard(bought.charge().paymentIntentId, amount);
const notices = async () =>
  ((await laundry.call('GET', '/api/notices', await admin())).body as { kind: string }[]).map(({ kind }) => kind);

async function running(): Promise<Bought> {
  const bought = await buy(laundry);
  await laundry.until('a run', async () => (await bought.session()).phase === 'running');
  return bought;
}

/** As it stands in the database, oldest first. */
async function refunds() {
  const { rows } = await laundry.app.database.pool.query<{ status: string; amount: number }>(
    'select status, amount::int from refunds order by id',
  );
  return rows;
}
const tried = async (status: string) => laundry.until(status, async () => (await refunds()).at(-1)?.status === status);

describe('a refund that Stripe does not take at once', () => {
  test('Stripe is down: asked for until it is done, exactly once', async () => {
    const bought = await running();
    laundry.stripe.setFault('down');
    await fail(bought);
    await laundry.until('a try', async () => {
      const { rows } = await laundry.app.database.pool.query('select from refunds where attempts > 0');
      return rows.length > 0;
    });
    await laundry.ahead(60_000);
    await laundry.ahead(10 * 60_000);
    expect(bought.charge().amountRefunded).toBe(0);
    expect((await laundry.call('GET', `/api/public/sessions/${bought.token}`)).body.refund).toEqual({
      amount: 100,
      state: 'pending',
    });
    laundry.stripe.setFault('none');
    await laundry.ahead(31 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.length).toBe(1);
    expect((await laundry.call('GET', `/api/public/sessions/${bought.token}`)).body.refund.state).toBe('done');
    expect(await notices()).toEqual([]);
  });

  test('Stripe is down, and the clock years ahead: it is asked for again once the clock is right', async () => {
    const bought = await running();
    laundry.stripe.setFault('down');
    await fail(bought);
    const tries = async (): Promise<number> =>
      (await laundry.app.database.pool.query('select attempts from refunds order by id desc limit 1')).rows[0].attempts;
    await laundry.until('a try', async () => (await tries()) > 0);
    const before = await tries();
    const years = 4 * 366 * 24 * 3_600_000;
    await laundry.ahead(years);
    await laundry.until('a try by the wrong clock', async () => (await tries()) > before);
    laundry.clock.ahead(-years);
    laundry.stripe.setFault('none');
    await laundry.ahead(60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.length).toBe(1);
  });

  test('Stripe refuses: a notice, asked anew, done and the notice gone when the balance is there', async () => {
    const bought = await running();
    laundry.stripe.setFault('refund-fails');
    await fail(bought);
    await laundry.until('the notice', async () => (await notices()).includes('refund-failed'));
    await laundry.ahead(3 * 60_000);
    await laundry.ahead(10 * 60_000);
    expect(bought.charge().amountRefunded).toBe(0);
    laundry.stripe.setFault('none');
    await laundry.ahead(20 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.length).toBe(1);
    expect(await notices()).toEqual([]);
  });

  test('refused after the owner had given back a part before: all the rest goes back later, not less', async () => {
    const bought = await running();
    await byHand(bought, 60);
    await laundry.until('the part known', async () => (await bought.payment()).refunded === 60);
    laundry.stripe.setFault('refund-fails');
    await fail(bought);
    await laundry.until('the notice', async () => (await notices()).includes('refund-failed'));
    laundry.stripe.setFault('none');
    await laundry.ahead(20 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.map(({ amount }) => amount)).toEqual([60, 40]);
    expect(await notices()).toEqual([]);
  });
});

describe('the owner gives it back by hand meanwhile', () => {
  test('all of it: nothing goes back twice, and no notice stays', async () => {
    const bought = await running();
    laundry.stripe.setFault('refund-fails');
    await fail(bought);
    await tried('asked');
    await laundry.until('the notice', async () => (await notices()).includes('refund-failed'));
    await byHand(bought);
    laundry.stripe.setFault('none');
    await laundry.ahead(20 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.length).toBe(1);
    expect(await notices()).toEqual([]);
  });

  test.each([
    ['refuses', 'refund-fails'],
    ['is down', 'down'],
  ] as const)('while Stripe %s, of a run cut short, just what was owed: not a cent more', async (_, fault) => {
    const bought = await running();
    await laundry.ahead(45_000);
    laundry.stripe.setFault(fault);
    await end(bought);
    const owed = await laundry.until(
      'what is owed',
      async () => (await refunds()).find(({ status }) => status === 'asked')?.amount,
    );
    expect(owed).toBeLessThan(50);
    await laundry.until('a try', async () => {
      const { rows } = await laundry.app.database.pool.query(
        "select from refunds where attempts > 0 and status = 'asked'",
      );
      return rows.length > 0;
    });
    await byHand(bought, owed);
    laundry.stripe.setFault('none');
    await laundry.ahead(20 * 60_000);
    await expectMoneyAddsUp(laundry, bought);
    expect(bought.charge().refunds.length).toBe(1);
    expect(await notices()).toEqual([]);
  });

  test('a part of what is owed: the rest follows by itself', async () => {
    const bought = await running();
    laundry.stripe.setFault('refund-fails');
    await fail(bought);
    await laundry.until('the notice', async () => (await notices()).includes('refund-failed'));
    await byHand(bought, 30);
    laundry.stripe.setFault('none');
    await laundry.ahead(20 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.map(({ amount }) => amount)).toEqual([30, 70]);
    expect(await notices()).toEqual([]);
  });
});

test('Stripe made it, and we never heard for two days: it is found, not made again', async () => {
  const bought = await running();
  await fail(bought);
  await expectMoneyAddsUp(laundry, bought, 0);
  const { pool } = laundry.app.database;
  laundry.clock.ahead(50 * 3_600_000); // longer than Stripe remembers our key
  const { rows } = await pool.query('select payment_id from refunds where status = $1 order by id desc limit 1', [
    'done',
  ]);
  const newest = [rows[0]?.payment_id];
  await pool.query("update payments set status = 'SUCCEEDED', refunded = 0, told_back = 0 where id = $1", newest);
  await pool.query('delete from provider_refunds where payment_id = $1', newest);
  await pool.query("update refunds set status = 'asked', try_at = created_at where payment_id = $1", newest);
  await laundry.ahead(1000);
  await expectMoneyAddsUp(laundry, bought, 0);
  expect(bought.charge().refunds.length).toBe(1);
});

describe('a refund that the bank sends back', () => {
  const standing = (bought: Bought) => bought.charge().refunds.filter(({ status }) => status !== 'failed');
  const known = (bought: Bought, refunded: number) =>
    laundry.until(`${refunded} known to be back`, async () => (await bought.payment()).refunded === refunded);
  const view = async ({ token }: Bought) => (await laundry.call('GET', `/api/public/sessions/${token}`)).body.refund;
  const listed = async (bought: Bought) => {
    const { id } = await bought.payment();
    const { body } = await laundry.call('GET', '/api/payments', await admin());
    return (body as { id: string; status: string; refundedAmount: number }[]).find((one) => one.id === id);
  };

  test('after it had succeeded: the books say so, and it is made again, later, as another refund', async () => {
    const bought = await running();
    await fail(bought);
    await expectMoneyAddsUp(laundry, bought, 0);
    const [first] = bought.charge().refunds;
    laundry.stripe.settleRefund(first?.id ?? '', 'failed', 'unknown');
    await known(bought, 0);
    expect(await listed(bought)).toMatchObject({ status: 'SUCCEEDED', refundedAmount: 0 });
    expect(await notices()).toEqual(['refund-failed']);
    expect(await view(bought)).toEqual({ amount: 100, state: 'pending' });
    expect((await refunds()).slice(-2)).toEqual([
      { status: 'failed', amount: 100 },
      { status: 'asked', amount: 100 },
    ]);
    await laundry.ahead(30 * 60_000);
    expect(standing(bought)).toEqual([]);
    await laundry.ahead(31 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(standing(bought).length).toBe(1);
    expect(await listed(bought)).toMatchObject({ status: 'REFUNDED', refundedAmount: 100 });
    await laundry.until('the notice gone', async () => (await notices()).length === 0);
  });

  test('again and again: a few tries, ever later, then a person has to see to it', async () => {
    const bought = await running();
    await fail(bought);
    await expectMoneyAddsUp(laundry, bought, 0);
    for (const hours of [1, 12, 72, 168]) {
      laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'failed', 'unknown');
      await known(bought, 0);
      await laundry.ahead(hours * 3_600_000 - 60_000);
      expect(standing(bought)).toEqual([]);
      await laundry.ahead(61_000);
      await expectMoneyAddsUp(laundry, bought, 0);
    }
    laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'failed', 'unknown');
    await known(bought, 0);
    await laundry.ahead(60 * 24 * 3_600_000);
    expect(standing(bought)).toEqual([]);
    expect(bought.charge().refunds.length).toBe(5);
    expect(await notices()).toEqual(['refund-failed']);
    expect(await view(bought)).toEqual({ amount: 100, state: 'failed' });
    await byHand(bought);
    await known(bought, 100);
    await laundry.until('the notice gone', async () => (await notices()).length === 0);
  });

  test('to a card that is gone: it is not tried again, the owner is told', async () => {
    const bought = await running();
    await fail(bought);
    await expectMoneyAddsUp(laundry, bought, 0);
    laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'failed', 'lost_or_stolen_card');
    await known(bought, 0);
    await laundry.ahead(30 * 24 * 3_600_000);
    expect(bought.charge().refunds.length).toBe(1);
    const { body } = await laundry.call('GET', '/api/notices', await admin());
    expect(body).toMatchObject([
      { kind: 'refund-failed', facts: { amount: 100, byHand: false, why: expect.stringContaining('lost_or_stolen') } },
    ]);
    await byHand(bought);
    await laundry.until('the notice gone', async () => (await notices()).length === 0);
  });

  test('and nobody tells us: it is found when Stripe is asked a day later', async () => {
    const bought = await running();
    await fail(bought);
    await expectMoneyAddsUp(laundry, bought, 0);
    laundry.stripe.setWeather({ never: 1 });
    laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'failed', 'unknown');
    await laundry.ahead(23 * 3_600_000);
    expect((await bought.payment()).refunded).toBe(100);
    await laundry.ahead(2 * 3_600_000);
    await known(bought, 0);
    expect(await notices()).toEqual(['refund-failed']);
    await laundry.ahead(61 * 60_000);
    laundry.stripe.setWeather({});
    await expectMoneyAddsUp(laundry, bought, 0);
    await laundry.until('the notice gone', async () => (await notices()).length === 0);
  });

  test('one made by hand, in full: the run stays ended, and what it did not deliver goes back all the same', async () => {
    const bought = await running();
    await byHand(bought);
    await laundry.until('the end', async () => (await bought.session()).phase === 'cancelled');
    await known(bought, 100);
    laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'failed', 'unknown');
    await known(bought, 0);
    expect(await notices()).toEqual(['refund-failed']);
    await laundry.ahead(61 * 60_000);
    await expectMoneyAddsUp(laundry, bought);
    await laundry.until('the notice gone', async () => (await notices()).length === 0);
  });

  test('pending for days is no trouble; gone through, it is done', async () => {
    const bought = await running();
    laundry.stripe.setFault('refund-pending');
    await fail(bought);
    await laundry.until('at the bank', () => standing(bought)[0]?.status === 'pending');
    laundry.stripe.setFault('none');
    await laundry.ahead(3 * 24 * 3_600_000);
    expect(await notices()).toEqual([]);
    expect(await view(bought)).toEqual({ amount: 100, state: 'pending' });
    laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'succeeded');
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(await view(bought)).toEqual({ amount: 100, state: 'done' });
    expect(bought.charge().refunds.length).toBe(1);
  });

  test('pending and then sent back: it is made again', async () => {
    const bought = await running();
    laundry.stripe.setFault('refund-pending');
    await fail(bought);
    await laundry.until('at the bank', () => standing(bought)[0]?.status === 'pending');
    laundry.stripe.setFault('none');
    laundry.stripe.settleRefund(standing(bought)[0]?.id ?? '', 'failed', 'insufficient_funds');
    await laundry.until('the notice', async () => (await notices()).includes('refund-failed'));
    expect((await bought.payment()).refunded).toBe(0);
    await laundry.ahead(61 * 60_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    await laundry.until('the notice gone', async () => (await notices()).length === 0);
  });
});

test('nothing is left to be asked for', async () => {
  expect(await laundry.app.rounds.due()).toBe(0);
});
