import type { Database } from '../../database/open.ts';
import type { DeviceId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { behind, type Moment, newestFirst, type Stretch } from '../../rules/timeline/moments.ts';
import type { Audit, EntryOf } from '../audit/audit.service.ts';
import type { CommandRow, CommandsService } from '../commands/commands.service.ts';
import type { NoticeRow, NoticesService } from '../notices/notices.service.ts';
import type { PaymentRow, PaymentsService, RefundRow } from '../payments/payments.service.ts';
import type { ObservationRow, RelaysService } from '../relays/relays.service.ts';
import type { SessionRow, SessionsService } from '../sessions/sessions.service.ts';

export const timelineKinds = ['command', 'reading', 'session', 'payment', 'refund', 'staff', 'notice'] as const;
export type TimelineKind = (typeof timelineKinds)[number];

/** One line of what became of a device. */
export type TimelineEntry = Moment &
  (
    | { kind: 'command'; row: CommandRow }
    | { kind: 'reading'; row: ObservationRow }
    | { kind: 'session'; event: 'begun' | 'ended'; row: SessionRow }
    | { kind: 'session'; event: 'extended'; row: SessionRow; payment: PaymentRow }
    | { kind: 'payment'; row: PaymentRow }
    | { kind: 'refund'; row: RefundRow & { currency: string } }
    | { kind: 'staff'; row: EntryOf }
    | { kind: 'notice'; event: 'raised' | 'cleared'; row: NoticeRow }
  );

export type TimelineFilter = {
  from: Instant | null;
  to: Instant | null;
  kinds: readonly TimelineKind[];
  limit: number;
  /** The last entry of the page before. */
  after: Moment | null;
};

type Deps = {
  database: Database;
  audit: Audit;
  commands: Pick<CommandsService, 'along'>;
  relays: Pick<RelaysService, 'along'>;
  sessions: Pick<SessionsService, 'along' | 'find'>;
  payments: Pick<PaymentsService, 'along' | 'refundsOn'>;
  notices: Pick<NoticesService, 'along'>;
};

/** Gives at most `limit` entries of one list, newest first. */
type Source = (organizationId: OrganizationId, id: DeviceId, stretch: Stretch) => Promise<TimelineEntry[]>;

/** Wide enough for any count of audit entries, so that their numbers sort as text. */
const padded = (number: number): string => String(number).padStart(16, '0');

/**
 * What became of a device, from all that is kept of it: one list, newest first. Each source is asked for no more than a
 * page and reads it by an index, so that a page costs the same after years.
 */
export function createTimeline({ database, audit, commands, relays, sessions, payments, notices }: Deps) {
  // in the order in which things of one moment follow each other: the place is the rank
  const sources: { kind: TimelineKind; read: Source }[] = [
    { kind: 'payment', read: paymentsBy('paid', 0) },
    { kind: 'session', read: sessionsBy('begun', 'paid_at', 1) }, // a checkout that nobody paid never was a run
    {
      kind: 'staff',
      read: async (organizationId, entityId, stretch) => {
        const rows = await audit.along(database.read, { organizationId, entity: 'Device', entityId }, stretch);
        return rows.map((row) => ({ kind: 'staff', at: row.at, id: padded(row.number), rank: 2, row }));
      },
    },
    {
      kind: 'command',
      read: async (...of) =>
        (await commands.along(...of)).map((row) => ({ kind: 'command', at: row.asked_at, id: row.id, rank: 3, row })),
    },
    {
      kind: 'reading',
      read: async (...of) =>
        (await relays.along(...of)).map((row) => ({ kind: 'reading', at: row.at, id: row.id, rank: 4, row })),
    },
    { kind: 'notice', read: noticesBy('raised', 'raised_at', 5) },
    { kind: 'session', read: sessionsBy('ended', 'ended_at', 6) },
    {
      kind: 'refund',
      read: async (...of) =>
        (await payments.refundsOn(...of)).map((row) => ({
          kind: 'refund',
          at: row.created_at,
          id: row.id,
          rank: 7,
          row,
        })),
    },
    { kind: 'notice', read: noticesBy('cleared', 'cleared_at', 8) },
    { kind: 'payment', read: paymentsBy('not-paid', 9) },
    { kind: 'session', read: madeLonger(10) },
  ];

  async function of(
    organizationId: OrganizationId,
    id: DeviceId,
    { from, to, kinds, limit, after }: TimelineFilter,
  ): Promise<TimelineEntry[]> {
    const wanted = sources.map((source, rank) => ({ ...source, rank })).filter(({ kind }) => kinds.includes(kind));
    const pages = await Promise.all(
      wanted.map(({ read, rank }) =>
        read(organizationId, id, { from, to, limit, before: after === null ? null : behind(after, rank) }),
      ),
    );
    return pages.flat().sort(newestFirst).slice(0, limit);
  }

  function paymentsBy(which: 'paid' | 'not-paid', rank: number): Source {
    return async (organizationId, deviceId, stretch) => {
      const rows = await payments.along(organizationId, deviceId, which, stretch);
      return rows.map((row) => ({ kind: 'payment', at: row.paid_at ?? row.created_at, id: row.id, rank, row }));
    };
  }

  /** Time that was bought on top, as it was paid. */
  function madeLonger(rank: number): Source {
    return async (organizationId, deviceId, stretch) => {
      const rows = await payments.along(organizationId, deviceId, 'for-more', stretch);
      const ids = [...new Set(rows.map((row) => row.session_id).filter((id) => id !== null))];
      const runs = await Promise.all(ids.map((id) => sessions.find(organizationId, id)));
      return rows.flatMap((payment): TimelineEntry[] => {
        const row = runs.find((run) => run?.id === payment.session_id) ?? null;
        if (row === null) return [];
        const at = payment.paid_at ?? payment.created_at;
        return [{ kind: 'session', event: 'extended', at, id: payment.id, rank, row, payment }];
      });
    };
  }

  function sessionsBy(event: 'begun' | 'ended', moment: 'paid_at' | 'ended_at', rank: number): Source {
    return async (organizationId, deviceId, stretch) => {
      const rows = await sessions.along(organizationId, deviceId, moment, stretch);
      return rows.map((row) => ({ kind: 'session', event, at: row[moment] ?? row.created_at, id: row.id, rank, row }));
    };
  }

  function noticesBy(event: 'raised' | 'cleared', moment: 'raised_at' | 'cleared_at', rank: number): Source {
    return async (organizationId, deviceId, stretch) => {
      const rows = await notices.along(organizationId, deviceId, moment, stretch);
      return rows.map((row) => ({ kind: 'notice', event, at: row[moment] ?? row.raised_at, id: row.id, rank, row }));
    };
  }

  return { of };
}

export type TimelineService = ReturnType<typeof createTimeline>;
