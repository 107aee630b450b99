import Stripe from 'stripe';
import type { Clock } from '../../host/clock.ts';
import {
  type Checkout,
  type CheckoutRequest,
  type PaymentProvider,
  ProviderFault,
  type Refund,
  type RefundRequest,
} from '../payment-port.ts';
import { isUnknownObject, toProviderFault } from './faults.ts';
import { parseCheckout, parseDisputes, parseRefund, parseRefunds } from './wire.ts';

/**
 * Stripe by its own package. Every call ends when its signal fires, at the latest after 10 s, and every call that moves
 * money carries our id as idempotency key, so it may be repeated. It decides nothing and stores nothing.
 */
const deadlineMilliseconds = 10_000;

export function createStripeProvider(o: { secretKey: string; baseUrl: string; clock: Clock }): PaymentProvider {
  const base = parseBase(o.baseUrl);

  return {
    createCheckout: (request, signal) =>
      ask(signal, async (stripe) =>
        parseCheckout(
          await stripe.checkout.sessions.create(checkoutParams(request), { idempotencyKey: request.paymentId }),
        ),
      ),

    findCheckout: async (checkoutId, signal) =>
      isId(checkoutId) ? orNull(signal, async (stripe) => retrieve(stripe, checkoutId)) : null,

    expireCheckout: (checkoutId, signal) =>
      orNull(signal, async (stripe) => {
        try {
          return parseCheckout(await stripe.checkout.sessions.expire(checkoutId));
        } catch (error) {
          // It is not open any more: paid, or expired already. What it is now is the answer.
          if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || isUnknownObject(error)) throw error;
          return retrieve(stripe, checkoutId);
        }
      }),

    refund: (request, signal) =>
      ask(signal, async (stripe) => {
        // Stripe forgets idempotency keys after a day. A refund that went through, without our hearing of it, before an
        // outage longer than that must not be made twice: it is found by the id that it carries.
        return (
          (await madeBefore(stripe, request.paymentIntentId, request.refundId)) ??
          parseRefund(await stripe.refunds.create(refundParams(request), { idempotencyKey: request.refundId }))
        );
      }),

    moneyOf: async (paymentIntentId, signal) => {
      if (!isId(paymentIntentId)) return null;
      const of = { payment_intent: paymentIntentId, limit: 100 };
      return orNull(signal, async (stripe) => ({
        refunds: parseRefunds(await stripe.refunds.list(of)),
        disputes: parseDisputes(await stripe.disputes.list(of)),
      }));
    },

    testKey: (signal) =>
      ask(signal, async (stripe) => {
        await stripe.balance.retrieve();
      }),
  };

  /**
   * One call. The package takes no signal, so each call has a client of its own (0.1 ms) whose fetch ends with the
   * signal; the race covers the package's pause between two tries. One repetition by the package, under the same
   * idempotency key: it covers a kept-alive connection that Stripe had closed, which would else fail a guest's payment.
   */
  async function ask<T>(callerSignal: AbortSignal, call: (stripe: Stripe) => Promise<T>): Promise<T> {
    const signal = o.clock.deadline(deadlineMilliseconds, callerSignal);
    const ended = whenAborted(signal);
    try {
      return await Promise.race([call(client(signal)), ended.promise]);
    } catch (error) {
      const fault = toProviderFault(error);
      // the call may notice the end before the race does
      if (!signal.aborted || fault.reason !== 'moment' || fault.timedOut) throw fault;
      throw new ProviderFault('moment', 'Stripe did not answer in time', { cause: error, timedOut: true });
    } finally {
      ended.forget();
    }
  }

  async function orNull<T>(signal: AbortSignal, call: (stripe: Stripe) => Promise<T>): Promise<T | null> {
    return ask(signal, async (stripe) => {
      try {
        return await call(stripe);
      } catch (error) {
        if (isUnknownObject(error)) return null;
        throw error;
      }
    });
  }

  function client(signal: AbortSignal): Stripe {
    const fetchWithSignal: typeof fetch = (input, init) => {
      const own = init?.signal;
      const both = own === null || own === undefined ? signal : AbortSignal.any([own, signal]);
      return fetch(input, { ...init, signal: both, redirect: 'error' });
    };
    return new Stripe(o.secretKey, {
      ...base,
      telemetry: false,
      timeout: deadlineMilliseconds,
      maxNetworkRetries: 1,
      httpClient: Stripe.createFetchHttpClient(fetchWithSignal),
    });
  }
}

/** A checkout says neither when it was paid nor whether that was given back: its charge does, to a key that may read it. */
async function retrieve(stripe: Stripe, checkoutId: string): Promise<Checkout> {
  try {
    const withCharge = { expand: ['payment_intent.latest_charge'] };
    return parseCheckout(await stripe.checkout.sessions.retrieve(checkoutId, withCharge));
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripePermissionError)) throw error;
    return parseCheckout(await stripe.checkout.sessions.retrieve(checkoutId));
  }
}

async function madeBefore(stripe: Stripe, paymentIntentId: string, refundId: string): Promise<Refund | null> {
  const made = parseRefunds(await stripe.refunds.list({ payment_intent: paymentIntentId, limit: 100 }));
  const ours = made.find((refund) => refund.refundId === refundId);
  return ours === undefined ? null : { id: ours.id, status: ours.status };
}

/** Checkout ids come back from guests: what cannot be an id is not asked for (an empty one would ask for the list). */
function isId(text: string): boolean {
  return /^[A-Za-z0-9_]{1,255}$/.test(text);
}

function checkoutParams(request: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const metadata = { ...request.metadata, paymentId: request.paymentId };
  return {
    mode: 'payment',
    allowed_payment_method_types: ['card'], // and wallets over cards. Money that comes days later would start an empty machine
    adaptive_pricing: { enabled: false }, // what is paid is what was asked, in its currency
    ...(request.email === null ? {} : { customer_email: request.email }),
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: request.currency,
          unit_amount: request.amount,
          product_data: { name: request.productName },
        },
      },
    ],
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    client_reference_id: request.paymentId,
    metadata,
    payment_intent_data: {
      metadata, // payment_intent.succeeded carries only the intent's own
      ...(request.email === null || request.receipt === false ? {} : { receipt_email: request.email }), // Stripe then sends it
    },
    expires_at: Math.floor(request.expiresAt / 1000),
  };
}

function refundParams(request: RefundRequest): Stripe.RefundCreateParams {
  return {
    payment_intent: request.paymentIntentId,
    amount: request.amount,
    metadata: { ...request.metadata, refundId: request.refundId },
  };
}

function whenAborted(signal: AbortSignal): { promise: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const onAbort = (): void => reject(new ProviderFault('moment', 'Stripe did not answer in time', { timedOut: true }));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}

/** `https://api.stripe.com`, or the simulator's address: without a path. */
function parseBase(baseUrl: string): { host: string; port: string; protocol: 'http' | 'https' } {
  const url = new URL(baseUrl);
  const protocol = url.protocol === 'https:' ? 'https' : url.protocol === 'http:' ? 'http' : null;
  if (protocol === null || url.pathname !== '/') throw new Error(`Not a base address of Stripe: ${url.origin}`);
  return { host: url.hostname, port: url.port === '' ? (protocol === 'https' ? '443' : '80') : url.port, protocol };
}
