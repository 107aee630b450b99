import { type Static, Type } from 'typebox';
import { addedTime, refundView, type SessionFacts } from '../../features/sessions/public-view.ts';
import { sessionOf } from '../../features/sessions/session-row.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { type Instant as At, iso } from '../../rules/instant.ts';
import { pageState, remainingSeconds, wireStatus } from '../../rules/sessions/view.ts';

/** What a guest may know of a session; the published fields first, ours after them. Nothing that names staff or vendors. */
export const PublicSession = Type.Object({
  status: Type.Union([
    Type.Literal('PENDING'),
    Type.Literal('ACTIVE'),
    Type.Literal('COMPLETED'),
    Type.Literal('CANCELLED'),
  ]),
  startedAt: Nullable(Instant),
  endsAt: Nullable(Instant),
  remainingSeconds: Type.Integer(),
  deviceName: Type.String(),
  planName: Type.String(),
  state: Type.String({ description: 'What the guest page shows', examples: ['running'] }),
  startsAt: Nullable(Instant),
  endedAt: Nullable(Instant),
  failureReason: Nullable(Type.String()),
  added: Type.Array(
    Type.Object({ minutes: Type.Number(), at: Instant }, { description: 'Time that was bought on top and counts' }),
  ),
  onTop: Type.Array(
    Type.Object(
      { id: Type.String(), name: Type.String(), duration: Type.Integer(), price: Type.Integer() },
      { description: 'A usage plan that may be bought on top now' },
    ),
  ),
  refund: Nullable(
    Type.Object({
      amount: Type.Integer(),
      state: Type.Union([Type.Literal('pending'), Type.Literal('done'), Type.Literal('failed')]),
    }),
  ),
});

export function publicSession(facts: SessionFacts, now: At): Static<typeof PublicSession> {
  const { row } = facts;
  const session = sessionOf(row);
  return {
    status: wireStatus(row.phase),
    startedAt: iso(row.started_at),
    endsAt: iso(row.ends_at),
    remainingSeconds: remainingSeconds(session, now),
    deviceName: facts.device.name,
    planName: row.plan_name,
    state: pageState(session, now),
    startsAt: row.phase === 'awaiting-payment' ? null : iso(row.starts_at),
    endedAt: iso(row.ended_at),
    failureReason: row.failure_reason,
    added: addedTime(facts)
      .filter((one) => one.paid)
      .map(({ minutes, at }) => ({ minutes, at: iso(at) })),
    onTop: facts.onTop.map((plan) => ({
      id: plan.id,
      name: plan.name,
      duration: plan.duration_minutes,
      price: plan.price,
    })),
    refund: refundView(facts),
  };
}
