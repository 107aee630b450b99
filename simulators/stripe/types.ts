/** The objects of the Stripe API as far as the simulator changes them; the rest of their fields are constants. */
export type Metadata = Record<string, string>;

export type SessionObject = {
  id: string;
  object: 'checkout.session';
  created: number; // seconds
  expires_at: number; // seconds
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  payment_intent: string | null;
  amount_subtotal: number;
  amount_total: number;
  currency: string;
  url: string | null;
  success_url: string;
  cancel_url: string | null;
  client_reference_id: string | null;
  customer_email: string | null;
  customer_details: Record<string, unknown> | null;
  metadata: Metadata;
  [field: string]: unknown;
};
export type LineItem = { name: string; description: string | null; quantity: number; amount: number };
export type Checkout = {
  session: SessionObject;
  items: LineItem[];
  intentMetadata: Metadata;
  description: string | null;
  /** The bank is asking its customer: which card waits for the answer. */
  challenge?: { number: string; email: string } | null;
  receiptEmail?: string | null; // missing in journals of before
};

export type IntentObject = {
  id: string;
  object: 'payment_intent';
  created: number;
  amount: number;
  amount_received: number;
  currency: string;
  status: 'requires_payment_method' | 'requires_action' | 'succeeded' | 'canceled';
  latest_charge: string | null;
  last_payment_error: Record<string, unknown> | null;
  metadata: Metadata;
  [field: string]: unknown;
};

export type ChargeObject = {
  id: string;
  object: 'charge';
  created: number;
  amount: number;
  amount_captured: number;
  amount_refunded: number;
  currency: string;
  payment_intent: string;
  paid: boolean;
  refunded: boolean;
  disputed: boolean;
  status: 'succeeded' | 'failed';
  metadata: Metadata;
  [field: string]: unknown;
};

export type RefundObject = {
  id: string;
  object: 'refund';
  created: number;
  amount: number;
  currency: string;
  charge: string;
  payment_intent: string;
  reason: string | null;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  failure_reason?: string;
  metadata: Metadata;
  [field: string]: unknown;
};

export type DisputeStatus =
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'warning_closed'
  | 'needs_response'
  | 'under_review'
  | 'won'
  | 'lost';
export type DisputeObject = {
  id: string;
  object: 'dispute';
  created: number;
  amount: number;
  charge: string;
  currency: string;
  payment_intent: string;
  reason: string;
  status: DisputeStatus;
  is_charge_refundable: boolean;
  balance_transactions: Record<string, unknown>[];
  evidence_details: { due_by: number | null; has_evidence: boolean; [field: string]: unknown };
  metadata: Metadata;
  [field: string]: unknown;
};
/** What comes of itself after a while. */
export type LaterObject = { id: string; at: number; refundId: string; becomes: 'succeeded' | 'failed' };

export type StripeEventObject = {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
};

export type EndpointObject = {
  id: string;
  object: 'webhook_endpoint';
  created: number;
  url: string;
  enabled_events: string[];
  status: 'enabled' | 'disabled';
  secret?: string; // kept by the simulator, shown only in the answer to its creation
  [field: string]: unknown;
};
