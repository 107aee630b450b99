import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { PaymentRow, PaymentsService } from '../../features/payments/payments.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { queryInstant, queryText, readInstant, readOneOf } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

const statuses = ['PENDING', 'SUCCEEDED', 'FAILED', 'REFUNDED'] as const;
const modules = ['DOOR', 'DEVICE'] as const;
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
  guestEmail: Nullable(Type.String()),
  stripeSessionId: Nullable(Type.String()),
  stripePaymentIntentId: Nullable(Type.String()),
  refundedAmount: Type.Integer(),
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
    purpose: 'Newest first. Amounts in minor units; refundedAmount is what went back.',
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
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }).map(view);
    },
  });
}

const view = (row: PaymentRow): Static<typeof Payment> => ({
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
  guestEmail: row.guest_email,
  stripeSessionId: row.provider_checkout_id,
  stripePaymentIntentId: row.provider_intent_id,
  refundedAmount: row.refunded,
  paidAt: iso(row.paid_at),
  createdAt: iso(row.created_at),
});
