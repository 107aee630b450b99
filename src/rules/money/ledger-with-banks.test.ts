import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pauseBeforeAgain } from './again.ts';
import { books, type KnownRefund, stillOwed } from './books.ts';
import { type DisputeState, holdsMoney, isLater, takenBy } from './dispute.ts';

/**
 * One payment, at the provider and in our books, where banks send refunds back, cardholders object, and somebody refunds by
 * hand. What the provider tells comes late, in any order, up to three times, or not until the end. The books are kept as
 * features/payments keeps them.
 */
const runs = Number(process.env.KEYSTEAD_RUNS ?? 3000);

type Made = { id: number; row: number | null; amount: number; state: KnownRefund['state']; failure: string | null };
type Dispute = { state: DisputeState; amount: number; at: number };
type Row = { amount: number; status: 'asked' | 'done' | 'failed' };
const ranks = { pending: 0, succeeded: 1, failed: 2 } as const;

function openLedger(amount: number) {
  // at the provider
  const made: Made[] = [];
  let dispute: Dispute | null = null;
  let seconds = 0;
  // in our books
  const known = new Map<number, Made>();
  const rows: Row[] = [];
  let total = 0;
  let heardDispute: Dispute | null = null;
  let owed = 0;

  const sum = (all: readonly { amount: number }[]): number => all.reduce((so, one) => so + one.amount, 0);
  const standing = (): Made[] => made.filter(({ state }) => state !== 'failed');
  const left = (): number => amount - sum(standing());
  const refundable = (): boolean => dispute === null || takenBy(dispute) === 0;

  function reckoned() {
    const valid = rows.filter(({ status }) => status !== 'failed');
    const at = (row: Row) => [...known.values()].find((one) => one.row !== null && rows[one.row] === row);
    const open = sum(valid.filter((row) => at(row) === undefined));
    const told = [...known.values()].map((one) => ({
      amount: one.amount,
      state: one.state,
      ours: one.row !== null && rows[one.row]?.status !== 'failed',
    }));
    const { refunded, outside } = books({ amount, total, known: told, open });
    const taken = heardDispute === null ? 0 : Math.min(amount, takenBy(heardDispute));
    return { refunded, outside, taken, need: stillOwed({ owed, asked: sum(valid), outside, taken }) };
  }

  function ask(refused = false): void {
    const { need } = reckoned();
    if (need <= 0 || (heardDispute !== null && holdsMoney(heardDispute.state))) return;
    const failures = [...known.values()].filter(({ state }) => state === 'failed').map(({ failure }) => failure);
    if (!refused && pauseBeforeAgain(failures) === null) return;
    rows.push({ amount: need, status: 'asked' });
  }

  function hear(told: { total?: number; refunds?: readonly Made[]; dispute?: Dispute | null }, refused = false): void {
    total = Math.max(total, told.total ?? 0);
    for (const one of told.refunds ?? []) {
      const before = known.get(one.id);
      if (before === undefined || ranks[one.state] > ranks[before.state]) known.set(one.id, { ...one });
    }
    for (const one of known.values()) {
      const row = one.row === null ? undefined : rows[one.row];
      if (row !== undefined && one.state !== 'pending') row.status = one.state === 'succeeded' ? 'done' : 'failed';
    }
    const news = told.dispute ?? null;
    if (news !== null && (heardDispute === null || isLater(news, heardDispute))) heardDispute = { ...news };
    ask(refused);
  }

  const everything = () => ({
    refunds: made.map((one) => ({ ...one })),
    dispute: dispute === null ? null : { ...dispute },
  });

  return {
    made,
    reckoned,
    hear,
    /** What the provider would tell of a refund made now: a total, the refund itself. */
    tellings(one: Made) {
      const [now, soFar] = [{ ...one }, sum(standing())];
      return [() => hear({ total: soFar }), () => hear({ refunds: [now] })];
    },
    make(row: number | null, wish: number, pending: boolean): Made | null {
      if (!refundable() || wish > left() || wish <= 0) return null;
      const one: Made = { id: made.length, row, amount: wish, state: pending ? 'pending' : 'succeeded', failure: null };
      made.push(one);
      return one;
    },
    object(share: number): (() => void) | null {
      if (dispute !== null) return null;
      const now: Dispute = { state: 'needs-response', amount: Math.min(amount, share), at: ++seconds };
      dispute = now;
      return () => hear({ dispute: now });
    },
    decide(state: 'won' | 'lost'): (() => void) | null {
      if (dispute === null || !holdsMoney(dispute.state)) return null;
      const now: Dispute = { ...dispute, state, at: ++seconds };
      dispute = now;
      return () => hear({ dispute: now });
    },
    lost: (): number => (dispute?.state === 'lost' ? dispute.amount : 0),
    isOpen: (): boolean => dispute !== null && holdsMoney(dispute.state),
    end(delivered: number): void {
      owed = Math.max(0, amount - delivered);
      ask();
    },
    /** Each refund that is asked for: weighed against all that the provider holds, then made. */
    carryOut(pending: boolean): (() => void)[] {
      const later: (() => void)[] = [];
      for (const [at, row] of rows.entries()) {
        if (row.status !== 'asked' || made.some((one) => one.row === at)) continue;
        hear(everything());
        if (row.status !== 'asked') continue;
        const held = heardDispute !== null && holdsMoney(heardDispute.state);
        if (held || reckoned().need < 0) {
          row.status = 'failed';
          ask();
          continue;
        }
        const one = this.make(at, row.amount, pending);
        if (one !== null) later.push(...this.tellings(one));
        else {
          row.status = 'failed';
          hear(everything(), true);
        }
      }
      return later;
    },
    everything,
    /** Asked for, and not at the provider yet. */
    waiting: () => rows.filter(({ status }, at) => status === 'asked' && !made.some(({ row }) => row === at)).length,
  };
}

const happening = fc.record({
  times: fc.integer({ min: 1, max: 3 }),
  late: fc.boolean(),
  what: fc.oneof(
    fc.constantFrom('carry-out', 'carry-out', 'pend', 'over', 'goes-through', 'comes-back', 'dispute', 'won', 'lost'),
    fc.integer({ min: 1, max: 400 }),
  ),
});
const stories = fc.record({
  amount: fc.integer({ min: 1, max: 1000 }),
  delivered: fc.nat(1200),
  happenings: fc.array(happening, { maxLength: 25 }),
});
type StoryOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

function played({ amount, delivered, happenings }: StoryOf<typeof stories>, o: { byHand: boolean; disputes: boolean }) {
  const ledger = openLedger(amount);
  const late: (() => void)[] = [];
  const bank = (from: KnownRefund['state'][], state: 'succeeded' | 'failed'): (() => void)[] => {
    const one = ledger.made.find((refund) => from.includes(refund.state));
    if (one === undefined) return [];
    one.state = state;
    if (state === 'failed') one.failure = 'unknown';
    const now = { ...one };
    return [() => ledger.hear({ refunds: [now] })];
  };
  const happens = (what: (typeof happenings)[number]['what']): (() => void)[] => {
    if (typeof what === 'number') {
      const one = o.byHand ? ledger.make(null, what, false) : null;
      return one === null ? [] : ledger.tellings(one);
    }
    if (what === 'carry-out' || what === 'pend') return ledger.carryOut(what === 'pend');
    if (what === 'over') return [() => ledger.end(delivered)];
    if (what === 'goes-through') return bank(['pending'], 'succeeded');
    if (what === 'comes-back') return bank(['pending', 'succeeded'], 'failed');
    if (!o.disputes) return [];
    const told = what === 'dispute' ? ledger.object(amount) : ledger.decide(what);
    return told === null ? [] : [told];
  };
  for (const { times, late: comesLate, what } of happenings) {
    const news = happens(what);
    for (let time = 0; time < times; time++) {
      if (comesLate && time > 0) late.unshift(...news);
      else for (const told of news) told();
    }
    if (comesLate) late.push(...news);
  }
  ledger.end(delivered);
  for (const told of late) told();
  for (let round = 0; round < 4; round++) {
    for (const told of ledger.carryOut(false)) told();
    ledger.hear(ledger.everything());
  }
  const owed = Math.max(0, amount - delivered);
  const alive = ledger.made.filter(({ state }) => state !== 'failed');
  const sum = (all: Made[]): number => all.reduce((total, one) => total + one.amount, 0);
  const failures = ledger.made.filter(({ state }) => state === 'failed').map(({ failure }) => failure);
  return {
    ledger,
    owed,
    byUs: sum(alive.filter(({ row }) => row !== null)),
    byHand: sum(alive.filter(({ row }) => row === null)),
    lost: ledger.lost(),
    /** A person has to see to it, and was told. */
    givenUp: pauseBeforeAgain(failures) === null,
  };
}

describe('paid = delivered + refunded, where banks send refunds back and cardholders object', () => {
  test('to the cent, where only we refund and nobody objects: what came back goes back again', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { ledger, owed, byUs, givenUp } = played(story, { byHand: false, disputes: false });
        const { refunded } = ledger.reckoned();
        expect(refunded).toBe(byUs);
        expect(byUs).toBeLessThanOrEqual(owed);
        if (!givenUp) expect(byUs).toBe(owed);
      }),
      { numRuns: runs },
    );
  });

  test('the books say what the provider holds, whoever gave it back', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { ledger, byUs, byHand } = played(story, { byHand: true, disputes: true });
        const { refunded, outside } = ledger.reckoned();
        expect({ refunded, outside }).toEqual({ refunded: byUs + byHand, outside: byHand });
      }),
      { numRuns: runs },
    );
  });

  test('what was not delivered is back in the end, by us, by hand, or by a dispute that was lost', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { ledger, owed, byUs, byHand, lost, givenUp } = played(story, { byHand: true, disputes: true });
        expect(byUs).toBeLessThanOrEqual(owed);
        if (!givenUp && !ledger.isOpen()) expect(byUs + byHand + lost).toBeGreaterThanOrEqual(owed);
        if (ledger.isOpen()) expect(ledger.waiting()).toBe(0);
      }),
      { numRuns: runs },
    );
  });

  test('while a dispute holds the money, and after it was lost, we give nothing back a second time', () => {
    fc.assert(
      fc.property(stories, fc.boolean(), (story, isLost) => {
        const first = { times: 1, late: false };
        const objected = [
          { ...first, what: 'dispute' as const },
          ...(isLost ? [{ ...first, what: 'lost' as const }] : []),
        ];
        const rest = story.happenings.filter(({ what }) => what !== 'won' && what !== 'lost');
        const { byUs } = played({ ...story, happenings: [...objected, ...rest] }, { byHand: false, disputes: true });
        expect(byUs).toBe(0);
      }),
      { numRuns: runs },
    );
  });
});
