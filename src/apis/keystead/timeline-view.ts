import { type Static, Type } from 'typebox';
import type { TimelineEntry as Entry } from '../../features/timeline/timeline.service.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { type Instant as At, iso } from '../../rules/instant.ts';
import { noticeKinds } from '../../rules/notices/kinds.ts';
import { wireStatus } from '../../rules/sessions/view.ts';
import { noticeWords } from '../../texts/notices/words.ts';

const line = { id: Type.String({ description: 'Of this line, unique in the list' }), at: Instant };
const Text = Nullable(Type.String());

export const TimelineEntry = Type.Union([
  Type.Object({
    ...line,
    kind: Type.Literal('command'),
    command: Type.Union([Type.Literal('switch-on'), Type.Literal('switch-off')]),
    autoOffSeconds: Nullable(Type.Integer()),
    outcome: Type.Union([
      Type.Literal('confirmed'),
      Type.Literal('accepted'),
      Type.Literal('refused'),
      Type.Literal('unknown'),
      Type.Null(),
    ]),
    detail: Text,
    tookMilliseconds: Nullable(Type.Integer()),
    askedBy: Type.Union([Type.Literal('staff'), Type.Literal('session'), Type.Literal('server')]),
    sessionId: Text,
  }),
  Type.Object({
    ...line,
    kind: Type.Literal('reading'),
    event: Type.Union([
      Type.Literal('on'),
      Type.Literal('off'),
      Type.Literal('offline'),
      Type.Literal('online'),
      Type.Literal('power'),
    ]),
    watts: Nullable(Type.Number()),
    source: Text,
    why: Text,
  }),
  Type.Object({
    ...line,
    kind: Type.Literal('session'),
    event: Type.Union([Type.Literal('begun'), Type.Literal('extended'), Type.Literal('ended')]),
    sessionId: Type.String(),
    planName: Type.String(),
    status: Type.String({ examples: ['COMPLETED'] }),
    startedAt: Nullable(Instant),
    endsAt: Nullable(Instant),
    endedAt: Nullable(Instant),
    failureReason: Text,
    addedMinutes: Nullable(Type.Number({ description: 'By which the run was made longer; null where it was not' })),
  }),
  Type.Object({
    ...line,
    kind: Type.Literal('payment'),
    paymentId: Type.String(),
    status: Type.String({ examples: ['SUCCEEDED'] }),
    amount: Type.Integer(),
    refundedAmount: Type.Integer(),
    currency: Type.String(),
    paidAt: Nullable(Instant),
    sessionId: Text,
  }),
  Type.Object({
    ...line,
    kind: Type.Literal('refund'),
    paymentId: Type.String(),
    status: Type.Union([Type.Literal('asked'), Type.Literal('done'), Type.Literal('failed')]),
    amount: Type.Integer(),
    currency: Type.String(),
    doneAt: Nullable(Instant),
  }),
  Type.Object({
    ...line,
    kind: Type.Literal('staff'),
    action: Type.String({ examples: ['switched on by staff'] }),
    by: Nullable(Type.String({ description: 'User name; null for operators, or where it was erased' })),
    details: Type.Unknown(),
  }),
  Type.Object({
    ...line,
    kind: Type.Literal('notice'),
    event: Type.Union([Type.Literal('raised'), Type.Literal('cleared')]),
    noticeId: Type.String(),
    notice: Type.String({ examples: ['device-offline'] }),
    severity: Type.String(),
    title: Type.String(),
  }),
]);

export type Reader = { deviceName: string; language: string; now: At; mayNameStaff: boolean };

export function timelineView(entry: Entry, reader: Reader): Static<typeof TimelineEntry> {
  const at = iso(entry.at);
  switch (entry.kind) {
    case 'command': {
      const { row } = entry;
      return {
        id: row.id,
        at,
        kind: 'command',
        command: row.kind,
        autoOffSeconds: row.auto_off_seconds,
        outcome: row.outcome,
        detail: row.detail,
        tookMilliseconds: row.finished_at === null ? null : Math.max(0, row.finished_at - row.asked_at),
        askedBy: row.account_id !== null ? 'staff' : row.session_id !== null ? 'session' : 'server',
        sessionId: row.session_id,
      };
    }
    case 'reading': {
      const { id, kind: event, watts, source, why } = entry.row;
      return { id, at, kind: 'reading', event, watts, source, why };
    }
    case 'session': {
      const { row, event } = entry;
      return {
        id: `${event === 'extended' ? entry.payment.id : row.id}-${event}`,
        at,
        kind: 'session',
        event,
        sessionId: row.id,
        planName: row.plan_name,
        status: wireStatus(row.phase),
        startedAt: iso(row.started_at),
        endsAt: iso(row.ends_at),
        endedAt: iso(row.ended_at),
        failureReason: row.failure_reason,
        addedMinutes: event === 'extended' ? entry.payment.extra_ms / 60_000 : null,
      };
    }
    case 'payment': {
      const { id, status, amount, refunded: refundedAmount, currency, paid_at, session_id: sessionId } = entry.row;
      const paidAt = iso(paid_at);
      return { id, at, kind: 'payment', paymentId: id, status, amount, refundedAmount, currency, paidAt, sessionId };
    }
    case 'refund': {
      const { id, payment_id: paymentId, status, amount, currency, done_at } = entry.row;
      return { id, at, kind: 'refund', paymentId, status, amount, currency, doneAt: iso(done_at) };
    }
    case 'staff': {
      const { number, action, username, details } = entry.row;
      return { id: `audit-${number}`, at, kind: 'staff', action, by: reader.mayNameStaff ? username : null, details };
    }
    case 'notice': {
      const { row, event } = entry;
      const told = { kind: row.kind, name: reader.deviceName, facts: row.facts, timeZone: null };
      const { title } = noticeWords(told, reader.language, reader.now);
      const { severity } = noticeKinds[row.kind];
      return {
        id: `${row.id}-${event}`,
        at,
        kind: 'notice',
        event,
        noticeId: row.id,
        notice: row.kind,
        severity,
        title,
      };
    }
    default:
      return assertNever(entry);
  }
}
