import { type Static, Type } from 'typebox';
import type { PinRow } from '../../features/pins/pins.service.ts';
import type { UnmanagedRow } from '../../features/pins/unmanaged.service.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { type Instant as At, iso } from '../../rules/instant.ts';
import { accessTypes } from '../../rules/pins/formats.ts';
import { nextWindow, type Window } from '../../rules/pins/schedule.ts';

const WindowShown = Type.Object({ from: Nullable(Instant), until: Nullable(Instant) });

export const Pin = Type.Object({
  id: Type.String(),
  lockId: Type.String(),
  label: Nullable(Type.String()),
  personId: Nullable(Type.Integer()),
  pin: Nullable(Type.String({ description: 'The digits; not in lists: whoever reads one is written down' })),
  accessType: Type.Enum([...accessTypes]),
  from: Nullable(Instant),
  until: Nullable(Instant),
  rule: Nullable(Type.String({ examples: ['FREQ=WEEKLY;BYDAY=MO,TU'] })),
  startSecond: Nullable(Type.Integer({ description: 'From midnight, by the clock where the lock is' })),
  endSecond: Nullable(Type.Integer()),
  accessTimes: Nullable(Type.String({ description: 'As it was written' })),
  accessRecurrence: Nullable(Type.String()),
  schedule: Nullable(Type.String()),
  state: Type.Enum(['created', 'loaded', 'disabling', 'disabled', 'enabling', 'updating', 'deleting', 'gone'], {
    description: 'loaded: it is on the lock as it should be, seen there or confirmed by its write',
  }),
  onLock: Type.Boolean({ description: 'Whether a code of it is on the lock, as far as is known' }),
  slot: Nullable(Type.Integer()),
  next: Nullable(WindowShown),
  conflict: Nullable(
    Type.Object(
      {
        reference: Nullable(Type.String()),
        name: Nullable(Type.String()),
        slot: Nullable(Type.Integer()),
        since: Instant,
      },
      { description: 'What else on the lock has these digits' },
    ),
  ),
  trouble: Nullable(Type.String({ examples: ['no-room'], description: 'Why it is not as it should be' })),
  suspendedUntil: Nullable(Instant),
  wakeAt: Nullable(Instant),
  passId: Nullable(Type.String()),
  loadedAt: Nullable(Instant),
  usedAt: Nullable(Instant),
  createdAt: Instant,
  updatedAt: Instant,
});

export function pinView(row: PinRow, pin: string | null, o: { zone: string; now: At }): Static<typeof Pin> {
  const { schedule, placement, conflict } = row;
  const present = placement?.present ?? placement?.old ?? null;
  const recurring = schedule.kind === 'recurring' ? schedule : null;
  const ends: { from?: At; until?: At } = schedule.kind === 'always' ? {} : schedule;
  return {
    id: row.id,
    lockId: row.lock_id,
    label: row.label,
    personId: row.person_id,
    pin,
    accessType: row.access_type,
    from: iso(ends.from ?? null),
    until: iso(ends.until ?? null),
    rule: recurring?.rule ?? null,
    startSecond: recurring?.startSecond ?? null,
    endSecond: recurring?.endSecond ?? null,
    accessTimes: row.as_written?.accessTimes ?? null,
    accessRecurrence: row.as_written?.accessRecurrence ?? null,
    schedule: row.as_written?.schedule ?? null,
    state: row.state,
    onLock: present !== null,
    slot: present?.slot ?? null,
    next: shownWindow(nextWindow(schedule, o.zone, o.now)),
    conflict: conflict && {
      reference: conflict.with?.reference ?? null,
      name: conflict.with?.name ?? null,
      slot: conflict.with?.slot ?? null,
      since: iso(conflict.at),
    },
    trouble: row.trouble,
    suspendedUntil: iso(row.suspended_until),
    wakeAt: iso(row.wake_at),
    passId: row.pass_id,
    loadedAt: iso(row.loaded_at),
    usedAt: iso(row.used_at),
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}

export const UnmanagedCode = Type.Object({
  reference: Type.String({ description: 'What the vendor calls it' }),
  name: Nullable(Type.String()),
  slot: Nullable(Type.Integer()),
  window: Nullable(WindowShown),
  digitsKnown: Type.Boolean({ description: 'false: the lock does not tell them; they are needed to adopt it' }),
  ignored: Type.Boolean(),
  beingRemoved: Type.Boolean(),
  firstSeenAt: Instant,
});

export const unmanagedView = (row: UnmanagedRow): Static<typeof UnmanagedCode> => ({
  reference: row.reference,
  name: row.name,
  slot: row.slot,
  window: shownWindow(row.code_window),
  digitsKnown: row.pin_sealed !== null,
  ignored: row.ignored,
  beingRemoved: row.unwanted,
  firstSeenAt: iso(row.first_seen_at),
});

/** `from` null: since ever. */
const shownWindow = (window: Window | null) =>
  window && { from: window.from === 0 ? null : iso(window.from), until: iso(window.until) };
