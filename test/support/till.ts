import Stripe from 'stripe';
import type { ChargeView } from '../../simulators/stripe/start.ts';
import type { PaymentRow } from '../../src/features/payments/payments.service.ts';
import type { SessionRow } from '../../src/features/sessions/sessions.service.ts';
import { readStripeWebhook } from '../../src/providers/stripe/webhook.ts';
import type { OrganizationId, RefundId } from '../../src/rules/ids.ts';
import type { Laundry } from './laundry.ts';

/**
 * Purchases by the services themselves, without the server, the engine or hardware in between: some ten milliseconds each,
 * so that every order of their events can be played. Stripe is the simulator, through the real provider; the program
 * bought begins much later, so no relay is switched. Open the laundry with `engine: false`.
 */
export type Till = {
  /** `after`: the guest takes so many milliseconds to pay. `declinedFirst`: a card is declined before one is taken. */
  buy(device: { uid: string; plan: string }, o?: { after?: number; declinedFirst?: boolean }): Promise<Sale>;
};

export type Sale = {
  checkoutId: string;
  /** Hands in Stripe's newest event of this type about it. `anew`: as an event of its own, with another id. */
  deliver(type: string, o?: { anew?: boolean }): Promise<void>;
  /** The guest's page comes back from Stripe. */
  guestReturns(): Promise<void>;
  /** Staff says that nothing was delivered, where the payment is known; else the owner gives it back by hand. All of it. */
  giveBack(): Promise<void>;
  /** Carries out all that the engine would do about its money by now. */
  rest(): Promise<void>;
  session(): Promise<SessionRow>;
  payment(): Promise<PaymentRow>;
  charge(): ChargeView;
  sessions(): Promise<number>;
};

let copies = 0;

export function openTill(laundry: Laundry): Till {
  const { stripe, clock, app } = laundry;
  const { checkout, intake, moneyNews, refunds, sessions, payments } = app.services;

  return {
    async buy({ uid, plan }, { after = 0, declinedFirst = false } = {}) {
      const { url } = await checkout.begin(uid, { planId: plan, email: 'guest@example.com' }, null);
      const checkoutId = url.split('/').at(-1) ?? '';
      const token = /\/session\/([^?]+)/.exec(stripe.about(checkoutId).checkout.successUrl)?.[1] ?? '';
      clock.ahead(after);
      if (declinedFirst) await stripe.pay(checkoutId, '4000000000000002');
      const paid = await stripe.pay(checkoutId);
      if (!paid.paid) throw new Error('It was not paid');
      const intent = stripe.about(checkoutId).checkout.paymentIntentId ?? '';

      const session = async (): Promise<SessionRow> => {
        const row = await sessions.byToken(token);
        if (row === null) throw new Error('There is no such session');
        return row;
      };
      const organization = (await session()).organization_id;
      const payment = async (): Promise<PaymentRow> => {
        const [row, ...others] = await payments.of(organization, (await session()).id);
        if (row === undefined || others.length > 0) throw new Error('There is not exactly one payment');
        return row;
      };

      return {
        checkoutId,
        session,
        payment,
        charge: () => stripe.about(checkoutId).charge ?? fail('There is no charge'),
        async deliver(type, o = {}) {
          const event = stripe.about(checkoutId).events.findLast((one) => one.type === type);
          if (event === undefined) throw new Error(`Stripe has told no ${type}`);
          await hear(organization, o.anew === true ? { ...event, id: `${event.id}_${++copies}` } : event);
        },
        guestReturns: async () => intake.checkOnReturn(await session()),
        async giveBack() {
          const before = await payment();
          if (before.status === 'PENDING') return stripe.refundFromDashboard(intent);
          await app.database.transaction('test-failed-by-staff', (tx) =>
            sessions.step(tx, organization, before.session_id ?? fail('It has no session'), {
              kind: 'failed-by-staff',
              reason: null,
            }),
          );
          await carryOut(organization, before);
        },
        async rest() {
          await carryOut(organization, await payment());
          const now = await payment();
          if (now.books_check_at !== null && now.books_check_at <= clock.now())
            await moneyNews.look(organization, now.id);
          await carryOut(organization, await payment());
        },
        async sessions() {
          const { rows } = await app.database.pool.query<{ n: number }>(
            'select count(*)::int as n from payments p join sessions s on s.id = p.session_id where p.provider_checkout_id = $1',
            [checkoutId],
          );
          return rows[0]?.n ?? 0;
        },
      };
    },
  };

  async function carryOut(organization: OrganizationId, { id }: PaymentRow): Promise<void> {
    const asked = (await payments.refunds(organization, [id])).filter(({ status }) => status === 'asked');
    for (const refund of asked) await refunds.perform(organization, refund.id as RefundId);
  }

  /** As the webhook's route does: signed, read, taken in. */
  async function hear(organization: OrganizationId, event: object): Promise<void> {
    const payload = JSON.stringify(event);
    const secret = stripe.webhookSecret;
    const timestamp = Math.floor(clock.now() / 1000);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    await intake.event(organization, readStripeWebhook(Buffer.from(payload), signature, secret, clock.now()));
  }
}

function fail(why: string): never {
  throw new Error(why);
}
