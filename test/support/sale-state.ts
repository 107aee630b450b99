import type { Laundry } from './laundry.ts';
import type { Sale } from './till.ts';

/**
 * All that is written down of one purchase, here and at Stripe, as a text: two purchases of the same text stand at the
 * same point, whatever happened before. When things happened is left out, and ids are told apart by which came first.
 */
export async function stateOf(laundry: Laundry, sale: Sale, intentId: string): Promise<string> {
  const payment = await sale.payment();
  const { rows } = await laundry.app.database.pool.query<{ kind: string; row: Record<string, unknown> }>(
    `select 'session' as kind, to_jsonb(x) - 'token_hash' - 'token_sealed' as row from sessions x where id = $1
     union all select 'payment', to_jsonb(x) from payments x where id = $2
     union all select 'hold', to_jsonb(x) - 'holder_hash' from holds x where session_id = $1
     union all select 'refund', to_jsonb(x) from refunds x where payment_id = $2
     union all select 'refund at the provider', to_jsonb(x) from provider_refunds x where payment_id = $2
     union all select 'dispute', to_jsonb(x) from disputes x where payment_id = $2
     union all select 'notice', to_jsonb(x) from notices x where subject = $2
     union all select 'waits', jsonb_build_object('for', intent_id) from provider_events where intent_id = $3`,
    [payment.session_id, payment.id, intentId],
  );
  const here = rows.map(({ kind, row }) => `${kind} ${JSON.stringify(plain(row))}`);
  const { amountRefunded, refunds } = sale.charge();
  const told = [...new Set(here)].sort(); // of events that wait, one is as good as three
  return inOrder([...told, `at Stripe ${amountRefunded} ${refunds.length}`].join('\n'));
}

const clock = /^\d{4}-\d\d-\d\dT/;

function plain(value: unknown): unknown {
  if (typeof value === 'string') return clock.test(value) ? 'then' : value;
  if (typeof value === 'number') return value > 1_500_000_000_000 ? 'then' : value;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, one]) => [key, key === 'checks' ? Number(one) > 0 : plain(one)]);
  return Object.fromEntries(entries);
}

function inOrder(text: string): string {
  const seen = new Map<string, string>();
  return text.replaceAll(/\b[a-z]{2,4}_[A-Za-z0-9_]{12,}\b/g, (id) => {
    const name = seen.get(id) ?? `${id.split('_')[0]} ${seen.size}`;
    seen.set(id, name);
    return name;
  });
}
