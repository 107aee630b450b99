/** POST /v1/checkout/sessions: what Stripe checks of it, and the session that comes of it. */
import { newSession } from './checkout-object.ts';
import { invalid, missing } from './errors.ts';
import {
  type Allowed,
  type FormObject,
  group,
  integer,
  list,
  metadata,
  refuseUnknown,
  requiredText,
  text,
  url,
} from './form.ts';
import type { Ledger } from './ledger.ts';
import { formatMoney, smallestCharge } from './money.ts';
import type { Checkout, LineItem, SessionObject } from './types.ts';

const DAY = 24 * 60 * 60;
const HALF_HOUR = 30 * 60;

const product: Allowed = {
  name: true,
  description: true,
  images: true,
  metadata: true,
  tax_code: true,
  unit_label: true,
};
const price: Allowed = {
  currency: true,
  unit_amount: true,
  unit_amount_decimal: true,
  tax_behavior: true,
  product: true,
  product_data: product,
  recurring: true,
};
const allowed: { [key: string]: Allowed } = {
  mode: true,
  line_items: {
    '*': { price_data: price, price: true, quantity: true, adjustable_quantity: true, tax_rates: true, metadata: true },
  },
  success_url: true,
  cancel_url: true,
  client_reference_id: true,
  customer: true,
  customer_email: true,
  customer_creation: true,
  expires_at: true,
  expand: true,
  locale: true,
  metadata: true,
  submit_type: true,
  ui_mode: true,
  allowed_payment_method_types: true,
  payment_method_types: true, // its name in older versions of the API
  payment_method_options: true,
  payment_method_collection: true,
  payment_intent_data: {
    metadata: true,
    description: true,
    statement_descriptor: true,
    statement_descriptor_suffix: true,
    receipt_email: true,
    capture_method: true,
    setup_future_usage: true,
  },
  allow_promotion_codes: true,
  automatic_tax: true,
  billing_address_collection: true,
  branding_settings: true,
  consent_collection: true,
  custom_fields: true,
  custom_text: true,
  invoice_creation: true,
  phone_number_collection: true,
  currency: true,
  adaptive_pricing: true,
  after_expiration: true,
  discounts: true,
  return_url: true,
  redirect_on_completion: true,
};

export function openCheckout(ledger: Ledger, form: FormObject): SessionObject {
  refuseUnknown(form, allowed);
  const mode = requiredText(form, 'mode');
  if (mode !== 'payment') throw invalid('This simulation of Stripe knows the mode `payment` only.', { param: 'mode' });
  const successUrl = url(form, 'success_url');
  if (successUrl === undefined) throw missing('success_url');
  const cancelUrl = url(form, 'cancel_url') ?? null;
  const lines = list(form, 'line_items').map((line, index) => lineItem(line, `line_items[${index}]`));
  const currency = lines[0]?.currency;
  if (currency === undefined) throw missing('line_items');
  if (lines.some((line) => line.currency !== currency)) {
    throw invalid('All prices on a Checkout Session must have the same currency.', { param: 'line_items' });
  }
  const amount = lines.reduce((sum, line) => sum + line.item.amount, 0);
  const least = smallestCharge(currency);
  if (amount < least) {
    const rule = "The Checkout Session's total amount due must add up to at least";
    throw invalid(`${rule} ${formatMoney(least, currency)} ${currency}`, { code: 'amount_too_small' });
  }
  const now = ledger.seconds();
  const intentData = group(form, 'payment_intent_data') ?? {};
  const session = newSession({
    now,
    expiresAt: expiry(form, now),
    base: ledger.base,
    amount,
    currency,
    successUrl,
    cancelUrl,
    clientReferenceId: reference(form),
    customerEmail: emailOf(form),
    metadata: metadata(form),
    locale: text(form, 'locale') ?? null,
    submitType: text(form, 'submit_type') ?? null,
  });
  const checkout: Checkout = {
    session,
    items: lines.map((line) => line.item),
    intentMetadata: metadata(intentData, 'metadata', 'payment_intent_data[metadata]'),
    description: text(intentData, 'description', 'payment_intent_data[description]') ?? null,
    receiptEmail: text(intentData, 'receipt_email', 'payment_intent_data[receipt_email]') ?? null,
  };
  ledger.checkouts.put(session.id, checkout);
  return session;
}

function lineItem(line: FormObject | string, at: string): { item: LineItem; currency: string } {
  if (typeof line === 'string') throw invalid('Invalid object', { param: at });
  if (line.price !== undefined) {
    const id = text(line, 'price', `${at}[price]`) ?? '';
    throw invalid(`No such price: '${id}'`, { code: 'resource_missing', param: `${at}[price]` });
  }
  const data = group(line, 'price_data', `${at}[price_data]`);
  if (data === undefined) throw missing(`${at}[price_data]`);
  const currency = requiredText(data, 'currency', `${at}[price_data][currency]`).toLowerCase();
  if (!/^[a-z]{3}$/.test(currency)) {
    throw invalid(`Invalid currency: ${currency}.`, { param: `${at}[price_data][currency]` });
  }
  const about = group(data, 'product_data', `${at}[price_data][product_data]`);
  if (about === undefined) throw missing(`${at}[price_data][product_data]`);
  const name = requiredText(about, 'name', `${at}[price_data][product_data][name]`);
  const description = text(about, 'description', `${at}[price_data][product_data][description]`) ?? null;
  const unit = integer(data, 'unit_amount', `${at}[price_data][unit_amount]`);
  if (unit === undefined) throw missing(`${at}[price_data][unit_amount]`);
  positive(unit, 0, `${at}[price_data][unit_amount]`);
  const quantity = integer(line, 'quantity', `${at}[quantity]`);
  if (quantity === undefined) {
    throw invalid(`Quantity is required. Add \`quantity\` to \`${at}\``, { param: `${at}[quantity]` });
  }
  positive(quantity, 1, `${at}[quantity]`);
  return { item: { name, description, quantity, amount: unit * quantity }, currency };
}

function positive(value: number, least: number, param: string): void {
  const word = least === 0 ? 'non-negative' : 'positive';
  if (value < least) throw invalid(`Invalid ${word} integer`, { code: 'parameter_invalid_integer', param });
}

function expiry(form: FormObject, now: number): number {
  const asked = integer(form, 'expires_at') ?? now + DAY;
  const subject = 'The `expires_at` timestamp must be';
  const param = 'expires_at';
  if (asked - now < HALF_HOUR)
    throw invalid(`${subject} at least 30 minutes from Checkout Session creation.`, { param });
  if (asked - now > DAY) throw invalid(`${subject} less than 24 hours from Checkout Session creation.`, { param });
  return asked;
}

function reference(form: FormObject): string | null {
  const id = text(form, 'client_reference_id') ?? null;
  if (id === null || id.length <= 200) return id;
  throw invalid('Invalid string: must be at most 200 characters', { param: 'client_reference_id' });
}

function emailOf(form: FormObject): string | null {
  const email = text(form, 'customer_email') ?? null;
  if (email === null || isDeliverable(email)) return email;
  throw invalid(`Invalid email address: ${email}`, { code: 'email_invalid', param: 'customer_email' });
}

export function isEmail(text: string): boolean {
  return text.length <= 512 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/** What the API takes is narrower than what a form takes: plain letters, no empty parts, a top-level domain. */
function isDeliverable(text: string): boolean {
  return (
    isEmail(text) && /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z\d-]+\.)+[a-z\d-]{2,}$/i.test(text)
  );
}
