/** The buttons of the virtual building. */
import { shellyFaults } from '../shelly/device.ts';
import { stripeFaults } from '../stripe/api-server.ts';
import { StripeApiError } from '../stripe/errors.ts';
import { actOnGateway, actOnLock } from '../ttlock/control.ts';
import { actOnBridge, actOnLock as actOnYaleLock } from '../yale/control.ts';
import type { Parts } from './state.ts';

export type Body = Record<string, unknown>;
export type Done = { status: number; body: Record<string, unknown> };

const ok: Done = { status: 200, body: { ok: true } };

export async function act(parts: Parts, pathname: string, body: Body): Promise<Done> {
  const [api, vendor, ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  if (api !== 'api') return nothing();
  if (vendor === 'shelly') return actOnShelly(parts, rest, body);
  if (vendor === 'stripe') return actOnStripe(parts, rest, body);
  if (vendor === 'ttlock') return actOnTtlock(parts, rest, body);
  if (vendor === 'yale') return actOnYale(parts, rest, body);
  return nothing();
}

function actOnTtlock({ ttlock }: Parts, [kind, id = '', action = '']: string[], body: Body): Done {
  if (kind === 'locks') return actOnLock(ttlock, Number(id), action, body);
  return kind === 'gateways' ? actOnGateway(ttlock, Number(id), body) : nothing();
}

function actOnYale({ yale }: Parts, [kind, id = '', action = '']: string[], body: Body): Done {
  if (kind === 'locks') return actOnYaleLock(yale, id, action, body);
  return kind === 'bridges' ? actOnBridge(yale, id, body) : nothing();
}

function actOnShelly({ shelly }: Parts, [name = '', action]: string[], body: Body): Done {
  const device = shelly.devices().find((each) => each.name === name);
  if (device === undefined) return refused(404, `There is no device called ${name}.`);
  if (action === 'power-cycle') {
    shelly.powerCycle(name);
    return ok;
  }
  if (action === 'fault') {
    const fault = shellyFaults.find((each) => each === body.fault);
    if (fault === undefined) return refused(400, `fault is one of ${shellyFaults.join(', ')}.`);
    shelly.setFault(name, fault);
    return ok;
  }
  if (action !== 'button') return nothing();
  const { channel = 0, on } = body;
  const relay = device.channels.find((each) => each.channel === channel);
  if (relay === undefined) return refused(400, 'There is no such channel.');
  if (on !== undefined && typeof on !== 'boolean') return refused(400, 'on is true or false.');
  shelly.setOutput(name, relay.channel, on ?? !relay.output);
  return ok;
}

async function actOnStripe({ stripe }: Parts, [first, id = '', third]: string[], body: Body): Promise<Done> {
  if (first === 'fault') {
    const fault = stripeFaults.find((each) => each === body.fault);
    if (fault === undefined) return refused(400, `fault is one of ${stripeFaults.join(', ')}.`);
    stripe.setFault(fault);
    return ok;
  }
  if (first === 'hold-webhooks') {
    if (typeof body.hold !== 'boolean') return refused(400, 'hold is true or false.');
    stripe.holdWebhooks(body.hold);
    return ok;
  }
  if (first === 'events' && third === 'deliver') {
    const times = body.times ?? 1;
    if (typeof times !== 'number' || !Number.isInteger(times) || times < 1 || times > 20) {
      return refused(400, 'times is 1 to 20.');
    }
    if (!stripe.events().some((event) => event.id === id)) return refused(404, 'There is no such event.');
    return { status: 200, body: { ok: true, statuses: await stripe.deliver(id, times) } };
  }
  if (first === 'refunds' && third === 'fail') return tried(() => stripe.settleRefund(id, 'failed'));
  if (first === 'refunds' && third === 'succeed') return tried(() => stripe.settleRefund(id, 'succeeded'));
  if (first === 'dispute') {
    const { paymentIntent } = body;
    if (typeof paymentIntent !== 'string') return refused(400, 'paymentIntent is missing.');
    return tried(() => stripe.dispute(paymentIntent));
  }
  if (first === 'disputes' && third === 'answer') return tried(() => stripe.answerDispute(id));
  if (first === 'disputes' && third === 'win') return tried(() => stripe.closeDispute(id, 'won'));
  if (first === 'disputes' && third === 'lose') return tried(() => stripe.closeDispute(id, 'lost'));
  return first === 'refund' ? refund(stripe, body) : nothing();
}

async function tried(work: () => unknown): Promise<Done> {
  try {
    await work();
    return ok;
  } catch (error) {
    if (error instanceof StripeApiError) return refused(error.status, error.message);
    throw error;
  }
}

async function refund(stripe: Parts['stripe'], { paymentIntent, amount }: Body): Promise<Done> {
  if (typeof paymentIntent !== 'string') return refused(400, 'paymentIntent is missing.');
  if (amount !== undefined && (typeof amount !== 'number' || !Number.isInteger(amount) || amount < 1)) {
    return refused(400, 'amount is a whole number of minor units.');
  }
  return tried(() => stripe.refundFromDashboard(paymentIntent, amount));
}

function nothing(): Done {
  return refused(404, 'There is nothing here.');
}

function refused(status: number, error: string): Done {
  return { status, body: { error } };
}
