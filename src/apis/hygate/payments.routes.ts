import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { DisputeRow, PaymentRow, PaymentsService } from '../../features/payments/payments.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { queryInstant, queryText, readInstant, readOneOf } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

const statuses = ['PENDING', 'SUCCEEDED', 'FAILED', 'REFUNDED'] as const;
const modules = ['DOOR', 'DEVICE'] as const;
const disputeStates = ['inquiry', 'needs-response', 'under-review', 'won', 'lost', 'dropped'] as const;
const Dispute = Type.Object({
  id: Type.String({ description: "Stripe's" }),
  state: Type.Enum(disputeStates),
  amount: Type.Integer(),
  reason: Type.String({ examples: ['fraudulent'] }),
  dueAt: Nullable(Instant),
  openedAt: Instant,
  closedAt: Nullable(Instant),
});
const Payment = Type.Object({
  id: Type.String(),
  amount: Type.Integer(),
  currency: Type.String(),
  status: Type.Enum(statuses),
  module: Type.Enum(modules),
  doorId: Nullable(Type.String()),
  deviceId: Nullable(Type.String()),
  locationId: Nullable(Type.String()),
  planId: Nullable(Type.String()),
  sessionId: Nullable(Type.String()),
  passId: Nullable(Type.String({ description: 'The way in that it bought' })),
  guestEmail: Nullable(Type.String()),
  stripeSessionId: Nullable(Type.String()),
  stripePaymentIntentId: Nullable(Type.String()),
  refundedAmount: Type.Integer(),
  dispute: Nullable(Dispute),
  declineCode: Nullable(Type.String({ description: 'Why the last card that was tried was declined' })),
  paidAt: Nullable(Instant),
  createdAt: Instant,
});

/** Reference: seeds/hygate-api-reference.txt, Payments. */
export function paymentRoutes(
  app: FastifyInstance,
  { payments, publicUrl }: { payments: PaymentsService; publicUrl: string },
): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/payments',
    access: 'staff',
    family: 'hygate',
    tag: 'Payments',
    source: import.meta.url,
    summary: 'List payments (filterable)',
    purpose:
      'Newest first. Amounts in minor units; refundedAmount is what went back; dispute is the one that is open, or the last.',
    query: Type.Object({
      ...listQuery,
      status: queryText(`One of ${statuses.join(', ')}`),
      module: queryText(`One of ${modules.join(', ')}`),
      doorId: queryText('Only for this door'),
      deviceId: queryText('Only for this device'),
      locationId: queryText('Only at this location'),
      from: queryInstant('Made at or after'),
      to: queryInstant('Made before'),
    }),
    success: Type.Array(Payment),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const status = readOneOf(query.status, 'status', statuses);
      const module = readOneOf(query.module, 'module', modules);
      const from = readInstant(query.from, 'from');
      const to = readInstant(query.to, 'to');
      const rows = await payments.list(actor, {
        ...(status === undefined ? {} : { status }),
        ...(module === undefined ? {} : { module }),
        ...(query.doorId ? { doorId: query.doorId } : {}),
        ...(query.deviceId ? { deviceId: query.deviceId } : {}),
        ...(query.locationId ? { locationId: query.locationId } : {}),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        limit: page.fetch,
        after: page.after ?? null,
      });
      const sent = sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id });
      const ids = sent.map(({ id }) => id);
      const disputes = Map.groupBy(await payments.disputes(actor.organizationId, ids), (one) => one.payment_id);
      return sent.map((row) => view(row, disputes.get(row.id) ?? []));
    },
  });
}

const view = (row: PaymentRow, disputes: readonly DisputeRow[]): Static<typeof Payment> => ({
  id: row.id,
  amount: row.amount,
  currency: row.currency,
  status: row.status,
  module: row.module,
  doorId: row.door_id,
  deviceId: row.device_id,
  locationId: row.location_id,
  planId: row.plan_id,
  sessionId: row.session_id,
  passId: row.pass_id,
  guestEmail: row.guest_email,
  stripeSessionId: row.provider_checkout_id,
  stripePaymentIntentId: row.provider_intent_id,
  refundedAmount: row.refunded,
  dispute: disputeView(disputes.findLast((one) => one.closed_at === null) ?? disputes.at(-1)),
  declineCode: row.declined_code,
  paidAt: iso(row.paid_at),
  createdAt: iso(row.created_at),
});

const disputeView = (row: DisputeRow | undefined): Static<typeof Dispute> | null =>
  row === undefined
    ? null
    : {
        id: row.id,
        state: row.state,
        amount: row.amount,
        reason: row.reason,
        dueAt: iso(row.due_at),
        openedAt: iso(row.opened_at),
        closedAt: iso(row.closed_at),
      };
