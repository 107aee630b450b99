import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { GuestMessagesService } from '../../features/guest-messages/guest-messages.service.ts';
import { secondsOn } from '../../features/sessions/public-view.ts';
import type { ListedSession, SessionFactsService } from '../../features/sessions/session-facts.service.ts';
import { type SessionRow, sessionOf } from '../../features/sessions/session-row.ts';
import type { StaffSessionsService } from '../../features/sessions/staff-sessions.service.ts';
import type { Clock } from '../../host/clock.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { queryText, readOneOf } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';
import { remainingSeconds, wireStatus } from '../../rules/sessions/view.ts';

const statuses = ['PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED'] as const;
const StaffSession = Type.Object({
  id: Type.String(),
  token: Type.String(),
  deviceId: Type.String(),
  deviceName: Type.String(),
  locationId: Nullable(Type.String()),
  planId: Type.String(),
  planName: Type.String(),
  paymentId: Nullable(Type.String()),
  guestEmail: Nullable(Type.String()),
  status: Type.Enum(statuses),
  durationMinutes: Type.Number(),
  delayMinutes: Type.Number(),
  added: Type.Array(
    Type.Object(
      { paymentId: Type.String(), minutes: Type.Number(), at: Instant },
      { description: 'Time bought on top' },
    ),
  ),
  actualDuration: Nullable(Type.Number({ description: 'Minutes the relay was on' })),
  energyWh: Nullable(Type.Number({ description: 'What it used so far; null where the relay does not meter' })),
  remainingSeconds: Type.Integer(),
  startsAt: Nullable(Instant),
  startedAt: Nullable(Instant),
  endsAt: Nullable(Instant),
  endedAt: Nullable(Instant),
  failureReason: Nullable(Type.String()),
  createdAt: Instant,
});
/** Alone it tells more than in a list. */
const StaffSessionInFull = Type.Object({
  ...StaffSession.properties,
  messages: Type.Array(
    Type.Object(
      { at: Instant, text: Type.String(), email: Nullable(Type.String()) },
      { description: 'What the guest told the owner, oldest first: plain text' },
    ),
  ),
});
const Named = Type.Object({ token: Type.String() });
const shared = { family: 'hygate', tag: 'Sessions', source: import.meta.url } as const;

type Deps = {
  staffSessions: StaffSessionsService;
  facts: SessionFactsService;
  guestMessages: GuestMessagesService;
  clock: Clock;
  publicUrl: string;
};

/** Reference: seeds/hygate-api-reference.txt, Sessions (Admin). */
export function sessionRoutes(app: FastifyInstance, deps: Deps): void {
  const { staffSessions, facts, guestMessages, clock, publicUrl } = deps;

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/sessions',
    access: 'staff',
    summary: 'List sessions (filterable)',
    purpose: 'Newest first.',
    query: Type.Object({
      ...listQuery,
      status: queryText(`One of ${statuses.join(', ')}`),
      deviceId: queryText('Only of this device'),
      locationId: queryText('Only at this location'),
    }),
    success: Type.Array(StaffSession),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const status = readOneOf(query.status, 'status', statuses);
      const rows = await staffSessions.list(actor, {
        ...(status === undefined ? {} : { status }),
        ...(query.deviceId ? { deviceId: query.deviceId } : {}),
        ...(query.locationId ? { locationId: query.locationId } : {}),
        limit: page.fetch,
        after: page.after ?? null,
      });
      const shown = sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id });
      return (await facts.listed(shown)).map(view);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/sessions/:token',
    access: 'staff',
    summary: 'Get session details',
    purpose: 'One session, with what its guest told the owner.',
    params: Named,
    success: StaffSessionInFull,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => {
      const row = await staffSessions.get(actor, params.token);
      const messages = await guestMessages.of(row.organization_id, row.id);
      return {
        ...(await one(row)),
        messages: messages.map(({ created_at, text, email }) => ({ at: iso(created_at), text, email })),
      };
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/sessions/:token/end',
    access: 'admin',
    summary: 'Force end session',
    purpose:
      'Switches off and cancels (force_ended_by_admin). What was not delivered goes back, unless refund is false.',
    params: Named,
    body: Type.Object({ refund: Type.Optional(Type.Boolean()) }),
    optionalBody: true,
    example: { refund: true },
    success: StaffSession,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'],
    handler: async ({ params, body, actor }) => one(await staffSessions.end(actor, params.token, body?.refund ?? true)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/sessions/:token/fail',
    access: 'admin',
    summary: 'Mark session as failed',
    purpose: 'Switches off and cancels (failed_by_admin); the whole price goes back.',
    params: Named,
    body: Type.Object({ reason: Type.Optional(Type.String({ maxLength: 500 })) }),
    optionalBody: true,
    example: { reason: 'Door of the machine is broken' },
    success: StaffSession,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'],
    handler: async ({ params, body, actor }) =>
      one(await staffSessions.fail(actor, params.token, body?.reason ?? null)),
  });

  async function one(row: SessionRow): Promise<Static<typeof StaffSession>> {
    return view(await facts.of(row));
  }

  function view({ row, token, device, payments }: ListedSession): Static<typeof StaffSession> {
    const on = secondsOn(row, clock.now());
    const own = payments.find((payment) => payment.extra_ms === 0);
    const onTop = payments.filter((payment) => payment.extra_ms > 0 && payment.taken && payment.paid_at !== null);
    return {
      id: row.id,
      token,
      deviceId: row.device_id,
      deviceName: device.name,
      locationId: device.locationId,
      planId: row.plan_id,
      planName: row.plan_name,
      paymentId: own?.id ?? null,
      guestEmail: row.guest_email ?? own?.guest_email ?? null,
      status: wireStatus(row.phase),
      durationMinutes: row.duration_ms / 60_000,
      delayMinutes: row.delay_ms / 60_000,
      added: onTop.map((payment) => ({
        paymentId: payment.id,
        minutes: payment.extra_ms / 60_000,
        at: iso(payment.paid_at ?? payment.created_at),
      })),
      actualDuration: on === null ? null : Math.round((on / 60) * 100) / 100,
      energyWh: row.energy_wh === null ? null : Math.round(row.energy_wh * 10) / 10,
      remainingSeconds: remainingSeconds(sessionOf(row), clock.now()),
      startsAt: iso(row.starts_at),
      startedAt: iso(row.started_at),
      endsAt: iso(row.ends_at),
      endedAt: iso(row.ended_at),
      failureReason: row.failure_reason,
      createdAt: iso(row.created_at),
    };
  }
}
