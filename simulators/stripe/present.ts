/** Objects as they go out: `expand[]` fills in what is otherwise an id; lists come in pages, newest first. */
import { invalid } from './errors.ts';
import { type FormObject, group, integer, text, texts } from './form.ts';
import type { Ledger } from './ledger.ts';
import type { Checkout } from './types.ts';

type Plain = Record<string, unknown>;

export function present(ledger: Ledger, object: Plain, form: FormObject): Plain {
  const copy = structuredClone(object);
  for (const path of texts(form, 'expand')) expand(ledger, copy, path.split('.'), path);
  return copy;
}

function expand(ledger: Ledger, object: Plain, [field = '', ...rest]: string[], path: string): void {
  if (object.object === 'list' && field === 'data' && Array.isArray(object.data)) {
    for (const item of object.data) expand(ledger, item as Plain, rest, path);
    return;
  }
  const id = object[field];
  const found = typeof id === 'string' ? lookUp(ledger, field, id) : embedded(ledger, object, field);
  if (found === undefined && id !== null) {
    throw invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  if (found === undefined) return; // null stays null
  object[field] = structuredClone(found);
  if (rest.length > 0) expand(ledger, object[field] as Plain, rest, path);
}

function lookUp(ledger: Ledger, field: string, id: string): Plain | undefined {
  if (field === 'payment_intent') return ledger.intents.get(id);
  if (field === 'latest_charge' || field === 'charge') return ledger.charges.get(id);
  return undefined;
}

/** Lists that an object carries only when asked. */
function embedded(ledger: Ledger, object: Plain, field: string): Plain | undefined {
  if (object[field] !== null && typeof object[field] === 'object') return object[field] as Plain; // by an earlier path
  const id = String(object.id);
  if (object.object === 'checkout.session' && field === 'line_items') {
    const checkout = ledger.checkouts.get(id);
    return checkout === undefined ? undefined : lineItems(checkout);
  }
  if (object.object === 'charge' && field === 'refunds') {
    const data = ledger.refunds.all().filter((refund) => refund.charge === id);
    return { object: 'list', data: data.reverse(), has_more: false, url: `/v1/charges/${id}/refunds` };
  }
  return undefined;
}

export function lineItems(checkout: Checkout): Plain {
  const { id, currency } = checkout.session;
  const data = checkout.items.map((item, index) => ({
    id: `li_${id.slice(-22)}${index}`,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: item.amount,
    amount_tax: 0,
    amount_total: item.amount,
    currency,
    description: item.name,
    metadata: {},
    price: { object: 'price', currency, unit_amount: item.amount / item.quantity, type: 'one_time', livemode: false },
    quantity: item.quantity,
  }));
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${id}/line_items` };
}

export const listParameters = {
  limit: true,
  starting_after: true,
  ending_before: true,
  created: true,
  expand: true,
} as const;

type Listed = { id: string; created: number };

/** `oldestFirst` as the store holds them. */
export function listPage(oldestFirst: readonly Listed[], form: FormObject, url: string): Plain {
  const limit = integer(form, 'limit') ?? 10;
  if (limit < 1 || limit > 100) throw invalid('Invalid integer: must be between 1 and 100', { param: 'limit' });
  const wanted = oldestFirst.filter(createdWithin(form)).reverse();
  const after = text(form, 'starting_after');
  const before = text(form, 'ending_before');
  const start = after === undefined ? 0 : indexOf(wanted, after, 'starting_after') + 1;
  const end = before === undefined ? wanted.length : indexOf(wanted, before, 'ending_before');
  const range = wanted.slice(start, end);
  const data = before === undefined ? range.slice(0, limit) : range.slice(-limit);
  return { object: 'list', data, has_more: range.length > data.length, url };
}

function indexOf(items: readonly Listed[], id: string, param: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw invalid(`No such object: '${id}'`, { code: 'resource_missing', param });
  return index;
}

function createdWithin(form: FormObject): (item: Listed) => boolean {
  if (typeof form.created === 'string') {
    const exactly = integer(form, 'created');
    return (item) => item.created === exactly;
  }
  const bounds = group(form, 'created') ?? {};
  const [gt, gte] = [integer(bounds, 'gt', 'created[gt]'), integer(bounds, 'gte', 'created[gte]')];
  const [lt, lte] = [integer(bounds, 'lt', 'created[lt]'), integer(bounds, 'lte', 'created[lte]')];
  return ({ created }) =>
    created > (gt ?? -1) && created >= (gte ?? 0) && created < (lt ?? Infinity) && created <= (lte ?? Infinity);
}
