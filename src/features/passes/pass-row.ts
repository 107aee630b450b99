import type { Selectable } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { LockId, PinId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Pass, PassFailure, Unheard, WayKind, Window } from '../../rules/passes/pass.ts';

/** One way in that was made. Codes and contents of QR codes are sealed: base64 of a box. */
export type IssuedWay = {
  kind: Exclude<WayKind, 'open-now'>;
  lockId: LockId;
  /** What the vendor calls it. */
  reference: string | null;
  /** Digits of our own: they are kept there, and shown while they are on the lock. */
  pinId: PinId | null;
  code: string | null;
  qr: string | null;
  link: string | null;
  /** By which the lock's book names it: the number of a QR code; a keyed hash of digits. Both stay when it was cleared away. */
  number?: string;
  print?: string;
  /** The window that it really has. */
  window: Window;
};

/** What is kept of the ways in, and what rules want to know besides. */
export type WayFacts = {
  ways: WayKind[];
  issued: IssuedWay[];
  unheard: Unheard | null;
  toClear: boolean;
  failedOpens: number;
  nextTryAt: Instant | null;
};

export type PassRow = Omit<Selectable<DB['passes']>, 'way'> & { way: WayFacts };

export const noWays: WayFacts = {
  ways: [],
  issued: [],
  unheard: null,
  toClear: false,
  failedOpens: 0,
  nextTryAt: null,
};

/** As the rules take it. */
export const passOf = (row: PassRow): Pass => ({
  phase: row.phase,
  durationMs: row.duration_ms,
  paidAt: row.paid_at,
  validFrom: row.valid_from,
  validUntil: row.valid_until,
  issueUntil: row.issue_until,
  ways: row.way.ways,
  unheard: row.way.unheard,
  toClear: row.way.toClear,
  delivered: row.delivered,
  failedOpens: row.way.failedOpens,
  firstOpenedAt: row.first_opened_at,
  tries: row.tries,
  nextTryAt: row.way.nextTryAt,
  failure: row.failure_reason as PassFailure | null, // written by the rules alone
});

/** As it is stored; `issued`: the ways that are kept beside. */
export const rowOf = (row: PassRow, pass: Pass, issued: IssuedWay[]): PassRow => ({
  ...row,
  phase: pass.phase,
  paid_at: pass.paidAt,
  valid_from: pass.validFrom,
  valid_until: pass.validUntil,
  issue_until: pass.issueUntil,
  delivered: pass.delivered,
  failure_reason: pass.failure,
  first_opened_at: pass.firstOpenedAt,
  tries: pass.tries,
  way: {
    ways: [...pass.ways],
    issued,
    unheard: pass.unheard,
    toClear: pass.toClear,
    failedOpens: pass.failedOpens,
    nextTryAt: pass.nextTryAt,
  },
});
