import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { adminOf } from '../support/signed-in.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const admin = adminOf(() => laundry);
const fail = async ({ token }: Bought) => laundry.call('PATCH', `/api/sessions/${token}/fail`, await admin());
const notices = async () =>
  (await laundry.call('GET', '/api/notices', await admin())).body as Record<string, unknown>[];
const dispute = (bought: Bought, kind?: 'fraudulent' | 'inquiry', amount?: number) =>
  laundry.stripe.dispute(bought.charge().paymentIntentId, kind, amount);
const listed = async (bought: Bought) => {
  const { id } = await bought.payment();
  const { body } = await laundry.call('GET', '/api/payments', await admin());
  return (body as { id: string; dispute: Record<string, unknown> | null }[]).find((one) => one.id === id);
};
const told = (bought: Bought, state: string) =>
  laundry.until(`a dispute ${state}`, async () => (await listed(bought))?.dispute?.state === state);
const noNotice = () => laundry.until('no notice', async () => (await notices()).length === 0);

async function running(): Promise<Bought> {
  const bought = await buy(laundry);
  await laundry.until('a run', async () => (await bought.session()).phase === 'running');
  return bought;
}
async function delivered(): Promise<Bought> {
  const bought = await running();
  await laundry.ahead(61_000);
  await laundry.until('the end', async () => (await bought.session()).phase === 'completed');
  return bought;
}
const done = async (bought: Bought) => {
  await laundry.ahead(60_000);
  await laundry.until('the end', async () => (await bought.session()).phase !== 'running');
};

describe('a payment that its cardholder objects to', () => {
  test('is noted with amount, reason and until when it wants an answer, and a person is told once', async () => {
    const bought = await delivered();
    const id = dispute(bought);
    await told(bought, 'needs-response');
    expect(await listed(bought)).toMatchObject({
      status: 'SUCCEEDED',
      refundedAmount: 0,
      dispute: { id, amount: 100, reason: 'fraudulent', dueAt: expect.stringMatching(/Z$/), closedAt: null },
    });
    const expected = { kind: 'dispute', facts: { disputeId: id, amount: 100, reason: 'fraudulent', refunded: 0 } };
    expect(await notices()).toMatchObject([
      { ...expected, subject: { type: 'payment', id: (await bought.payment()).id } },
    ]);
    laundry.stripe.answerDispute(id);
    await told(bought, 'under-review');
    expect(await notices()).toMatchObject([{ kind: 'dispute', facts: { state: 'under-review' } }]);
    laundry.stripe.closeDispute(id, 'lost');
    await told(bought, 'lost');
    expect((await listed(bought))?.dispute?.closedAt).toMatch(/Z$/);
    await noNotice();
    expect(bought.charge().amountRefunded).toBe(0);
  });

  test('goes on running; what it did not deliver is not refunded while the dispute is open, nor after it is lost', async () => {
    const bought = await running();
    const id = dispute(bought);
    await told(bought, 'needs-response');
    expect((await bought.session()).phase).toBe('running');
    await fail(bought);
    await laundry.ahead(24 * 3_600_000);
    expect(bought.charge().refunds).toEqual([]);
    expect((await notices()).map(({ kind }) => kind)).toEqual(['dispute']);
    expect((await laundry.call('GET', `/api/public/sessions/${bought.token}`)).body.refund).toBeNull();
    laundry.stripe.closeDispute(id, 'lost');
    await told(bought, 'lost');
    await laundry.ahead(24 * 3_600_000);
    expect(bought.charge().refunds).toEqual([]);
    await noNotice();
  });

  test('is refunded once the dispute is won, and only what was not delivered', async () => {
    const bought = await running();
    const id = dispute(bought);
    await told(bought, 'needs-response');
    await fail(bought);
    laundry.stripe.closeDispute(id, 'won');
    await told(bought, 'won');
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.length).toBe(1);
    await noNotice();
  });

  test('in part, and lost: the rest that is owed is told to a person, as Stripe refunds nothing of it any more', async () => {
    const bought = await running();
    const id = dispute(bought, 'fraudulent', 60);
    await told(bought, 'needs-response');
    await fail(bought);
    laundry.stripe.closeDispute(id, 'lost');
    await told(bought, 'lost');
    await laundry.until('the notice', async () => (await notices()).some(({ kind }) => kind === 'refund-failed'));
    expect((await notices())[0]).toMatchObject({ kind: 'refund-failed', facts: { amount: 40 } });
    expect(bought.charge().amountRefunded).toBe(0);
    await laundry.app.database.pool.query("update notices set cleared_at = now() where kind = 'refund-failed'");
    await laundry.app.database.pool.query("update refunds set status = 'failed', try_at = null where status = 'asked'");
  });

  test('which was refunded before: both are told, and nothing more goes back', async () => {
    const bought = await running();
    await fail(bought);
    await expectMoneyAddsUp(laundry, bought, 0);
    const id = dispute(bought);
    await told(bought, 'needs-response');
    expect(await listed(bought)).toMatchObject({ status: 'REFUNDED', refundedAmount: 100, dispute: { id } });
    expect(await notices()).toMatchObject([{ kind: 'dispute', facts: { refunded: 100 } }]);
    laundry.stripe.closeDispute(id, 'won');
    await told(bought, 'won');
    await laundry.ahead(3_600_000);
    expect(bought.charge().refunds.length).toBe(1);
    await noNotice();
  });

  test('while its refund waits for Stripe: it is taken back, and made when the dispute is won', async () => {
    const bought = await running();
    laundry.stripe.setFault('down');
    await fail(bought);
    await laundry.until('a try', async () => {
      const { rows } = await laundry.app.database.pool.query(
        "select from refunds where attempts > 0 and status = 'asked'",
      );
      return rows.length > 0;
    });
    const id = dispute(bought);
    await told(bought, 'needs-response');
    laundry.stripe.setFault('none');
    await laundry.ahead(3_600_000);
    expect(bought.charge().refunds).toEqual([]);
    expect((await notices()).map(({ kind }) => kind)).toEqual(['dispute']);
    laundry.stripe.closeDispute(id, 'won');
    await expectMoneyAddsUp(laundry, bought, 0);
    await noNotice();
  });

  test('only asked about so far (an inquiry) holds no money: what is owed goes back', async () => {
    const bought = await running();
    const id = dispute(bought, 'inquiry');
    await told(bought, 'inquiry');
    await fail(bought);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(await notices()).toMatchObject([{ kind: 'dispute', facts: { state: 'inquiry', refunded: 100 } }]);
    laundry.stripe.closeDispute(id, 'won');
    await told(bought, 'dropped');
    await noNotice();
  });

  test('and nobody tells us how it ended: it is found when Stripe is asked the next day', async () => {
    const bought = await running();
    const id = dispute(bought);
    await told(bought, 'needs-response');
    await fail(bought);
    laundry.stripe.setWeather({ never: 1 });
    laundry.stripe.closeDispute(id, 'won');
    await laundry.ahead(25 * 3_600_000);
    laundry.stripe.setWeather({});
    await expectMoneyAddsUp(laundry, bought, 0);
    await noNotice();
  });

  test('by a card that is disputed as soon as it has paid: the run begins, and the dispute is known', async () => {
    const bought = await buy(laundry, { pay: false });
    expect(await laundry.stripe.pay(bought.checkoutId, '4000 0000 0000 0259')).toEqual({ paid: true });
    await told(bought, 'needs-response');
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    await done(bought);
    laundry.stripe.closeDispute(bought.charge().disputes[0]?.id ?? '', 'won');
    await noNotice();
  });
});

describe('news of a payment that come before the payment itself', () => {
  const typesOf = (bought: Bought, wanted: (type: string) => boolean) => {
    const { paymentIntentId } = bought.charge();
    const about = laundry.stripe.events().filter(({ data: { object } }) => {
      return (
        object.id === bought.checkoutId || object.id === paymentIntentId || object.payment_intent === paymentIntentId
      );
    });
    return about.filter(({ type }) => wanted(type));
  };

  test('a dispute and a refund that failed are not lost: they count as soon as the payment is known', async () => {
    laundry.stripe.holdWebhooks(true);
    const bought = await buy(laundry);
    const { paymentIntentId } = bought.charge();
    await laundry.stripe.refundFromDashboard(paymentIntentId, 30);
    laundry.stripe.settleRefund(bought.charge().refunds[0]?.id ?? '', 'failed');
    const id = dispute(bought);
    const early = typesOf(bought, (type) => type.startsWith('charge.dispute.') || type.startsWith('refund.'));
    for (const event of early) expect(await laundry.stripe.deliver(event.id, 2)).toEqual([200, 200]);
    expect(await listed(bought)).toMatchObject({ status: 'PENDING', dispute: null, refundedAmount: 0 });
    for (const event of typesOf(bought, (type) => type === 'checkout.session.completed')) {
      await laundry.stripe.deliver(event.id);
    }
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    await told(bought, 'needs-response');
    expect(new Set((await notices()).map(({ kind }) => kind))).toEqual(new Set(['dispute', 'refund-failed']));
    expect(await listed(bought)).toMatchObject({ refundedAmount: 0, dispute: { id } });
    laundry.stripe.holdWebhooks(false);
    await laundry.until('all told', () => typesOf(bought, () => true).every((event) => event.pending_webhooks === 0));
    expect(await listed(bought)).toMatchObject({ refundedAmount: 0, status: 'SUCCEEDED', dispute: { id } });
  });
});
