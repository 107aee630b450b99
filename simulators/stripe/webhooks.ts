/**
 * Signed webhooks: at least once, all in parallel, retried with growing pauses. What is still owed is in the store, so
 * it goes on after a restart. https://docs.stripe.com/webhooks
 */
import { createHmac } from 'node:crypto';
import { deadline, type SimulatorClock } from '../clock.ts';
import type { Store } from '../store.ts';
import type { EndpointObject, StripeEventObject } from './types.ts';
import { clear, fates, type Weather } from './weather.ts';

export type Attempt = { at: number; status: number }; // status 0: no answer
export type Delivery = {
  id: string;
  eventId: string;
  target: string; // 'default' or the id of a webhook endpoint
  attempts: Attempt[];
  tries: number;
  nextAt: number | null; // null: delivered or given up
  delivered: boolean;
  /** So many of the next attempts are lost on their way. */
  lost?: number;
};
export type WebhookSettings = { url: string | null; hold: boolean; weather?: Weather; drawn?: number };

export type Webhooks = {
  settings: WebhookSettings;
  saveSettings(): void;
  /** Notes who is to hear of a new event; part of the commit that makes the event. */
  plan(event: StripeEventObject): void;
  /** Starts every delivery that is due. */
  kick(): void;
  deliverNow(event: StripeEventObject, times: number): Promise<number[]>;
  deliveries(): Delivery[];
  stop(): void;
};

const PAUSES = [1_000, 3_000, 10_000, 30_000, 60_000];
const GIVE_UP_MS = 3 * 24 * 60 * 60 * 1000;
const ANSWER_MS = 10_000;
const REMEMBERED_ATTEMPTS = 20;

export function createWebhooks(store: Store, clock: SimulatorClock, secret: string): Webhooks {
  const deliveries = store.table<Delivery>('deliveries');
  const endpoints = store.table<EndpointObject>('endpoints');
  const events = store.table<StripeEventObject>('events');
  const saved = store.table<WebhookSettings>('webhook settings');
  const settings = saved.get('settings') ?? { url: null, hold: false };
  const owed = new Set(deliveries.all().flatMap((delivery) => (delivery.nextAt === null ? [] : [delivery.id])));
  const flying = new Set<string>();
  const stopping = new AbortController();

  function targetsOf(event: StripeEventObject): string[] {
    const wanting = endpoints.all().filter((endpoint) => endpoint.status === 'enabled' && wants(endpoint, event.type));
    return [...(settings.url === null ? [] : ['default']), ...wanting.map((endpoint) => endpoint.id)];
  }

  async function send(event: StripeEventObject, target: string): Promise<number> {
    const endpoint = endpoints.get(target);
    const url = target === 'default' ? settings.url : (endpoint?.url ?? null);
    if (url === null) return 0;
    const body = JSON.stringify(event, null, 2);
    const stamp = Math.floor(clock.now() / 1000);
    const key = endpoint?.secret ?? secret;
    const signature = createHmac('sha256', key).update(`${stamp}.${body}`).digest('hex');
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': `t=${stamp},v1=${signature}`,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([deadline(ANSWER_MS), stopping.signal]),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }

  function record(delivery: Delivery, status: number): void {
    const now = clock.now();
    delivery.attempts = [...delivery.attempts, { at: now, status }].slice(-REMEMBERED_ATTEMPTS);
    const event = events.get(delivery.eventId);
    if (status >= 200 && status < 300) {
      if (!delivery.delivered && event !== undefined) {
        event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
        events.put(event.id, event);
      }
      delivery.delivered = true;
      delivery.nextAt = null;
    } else if (!delivery.delivered) {
      const pause = PAUSES[Math.min(delivery.tries, PAUSES.length - 1)] ?? 60_000;
      const late = event === undefined || now - event.created * 1000 > GIVE_UP_MS;
      delivery.nextAt = late ? null : now + pause;
      delivery.tries += 1;
    }
    if (delivery.nextAt === null) owed.delete(delivery.id);
    deliveries.put(delivery.id, delivery);
    store.commit();
  }

  async function attempt(delivery: Delivery, event: StripeEventObject): Promise<number> {
    const lost = delivery.lost ?? 0;
    const status = lost > 0 ? 0 : await send(event, delivery.target);
    if (lost > 0) delivery.lost = lost - 1;
    if (!stopping.signal.aborted) record(delivery, status);
    return status;
  }

  function kick(): void {
    if (settings.hold || stopping.signal.aborted) return;
    for (const id of owed) {
      const delivery = deliveries.get(id);
      const event = events.get(delivery?.eventId ?? '');
      if (delivery === undefined || event === undefined || flying.has(id)) continue;
      if (delivery.nextAt === null || delivery.nextAt > clock.now()) continue;
      if (delivery.target === 'default' && settings.url === null) continue;
      flying.add(id);
      void attempt(delivery, event).finally(() => flying.delete(id));
    }
  }

  return {
    settings,
    saveSettings() {
      saved.put('settings', settings);
      store.commit();
    },
    plan(event) {
      for (const target of targetsOf(event)) {
        settings.drawn = (settings.drawn ?? 0) + 1;
        saved.put('settings', settings);
        for (const [n, { delay, lost, never }] of fates(settings.weather ?? clear, settings.drawn).entries()) {
          const id = `${event.id} ${target}${n === 0 ? '' : ' again'}`;
          const nextAt = never ? null : clock.now() + delay;
          const fresh = { id, eventId: event.id, target, attempts: [], tries: 0, nextAt, delivered: false };
          deliveries.put(id, lost === 0 ? fresh : { ...fresh, lost });
          if (!never) owed.add(id);
        }
        event.pending_webhooks += 1;
      }
    },
    kick,
    async deliverNow(event, times) {
      const planned = deliveries.all().filter(({ id, eventId }) => eventId === event.id && !id.endsWith(' again'));
      const known = new Set(planned.map((delivery) => delivery.target));
      const others = targetsOf(event).filter((target) => !known.has(target));
      const rounds = Array.from({ length: times }, () => [
        ...planned.map((delivery) => attempt(delivery, event)),
        ...others.map((target) => send(event, target)),
      ]);
      return Promise.all(rounds.flat());
    },
    deliveries: () => deliveries.all(),
    stop() {
      stopping.abort();
    },
  };
}

function wants(endpoint: EndpointObject, type: string): boolean {
  return endpoint.enabled_events.includes('*') || endpoint.enabled_events.includes(type);
}
