import type { Instant } from '../../instant.ts';

/** Somebody's hand, or the mains, on the relay itself. */
export type Hand =
  | { at: Instant; kind: 'press'; on: boolean }
  | { at: Instant; kind: 'power-cut'; lastsMs: number; comesBackOn: boolean };

export type RelayTraits = {
  /** How far the clock of the device is ahead of the true time. */
  skewMs: number;
  tellsTimer: boolean;
  /** Null: no meter. Else the machine draws power for this long, all in all, and then rests. */
  worksMs: number | null;
  hands: readonly Hand[];
};

/** A stretch the contact was closed; `ours`: by our command, with its timer. */
export type Stretch = { from: Instant; to: Instant | null; by: 'ours' | 'hand' };

/** For tests: one relay in true time, with its own timer, the way a Shelly keeps it: any switching replaces the timer. */
export function createModelRelay({ skewMs, tellsTimer, worksMs, hands }: RelayTraits) {
  const stretches: Stretch[] = [];
  const coming = [...hands].sort((a, b) => a.at - b.at);
  let open: Stretch | null = null;
  let timer: { endsAt: Instant; ms: number } | null = null;
  let darkUntil: Instant | null = null;
  let comesBackOn = false;

  function set(on: boolean, by: Stretch['by'], at: Instant): void {
    timer = null;
    if (open !== null) open.to = at;
    open = on ? { from: at, to: null, by } : null;
    if (open !== null) stretches.push(open);
  }

  /** Lets everything happen that is due by now, in its order. */
  function settle(now: Instant): void {
    for (;;) {
      const [hand] = coming;
      const next = Math.min(hand?.at ?? Infinity, timer?.endsAt ?? Infinity, darkUntil ?? Infinity);
      if (next > now) return;
      if (next === darkUntil) {
        darkUntil = null;
        set(comesBackOn, 'hand', next);
      } else if (next === timer?.endsAt) {
        set(false, 'hand', next);
      } else if (hand !== undefined) {
        coming.shift();
        if (hand.kind === 'power-cut') {
          set(false, 'hand', next);
          darkUntil = Math.max(darkUntil ?? 0, next + hand.lastsMs);
          comesBackOn = hand.comesBackOn;
        } else if (darkUntil === null) set(hand.on, 'hand', next);
      }
    }
  }

  /** How long the contact was closed between two instants. */
  function onBetween(from: Instant, to: Instant): number {
    return stretches.reduce((sum, one) => {
      return sum + Math.max(0, Math.min(to, one.to ?? to) - Math.max(from, one.from));
    }, 0);
  }

  return {
    settle,
    onBetween,
    stretches,
    isDark: () => darkUntil !== null,
    switchOn(now: Instant, seconds: number): void {
      set(true, 'ours', now);
      timer = { endsAt: now + seconds * 1000, ms: seconds * 1000 };
    },
    switchOff: (now: Instant): void => set(false, 'ours', now),
    /** As a driver tells it: the end of the timer by the clock of the device, kept within what is possible. */
    read(now: Instant, toldAt: Instant) {
      const autoOffAt =
        tellsTimer && timer !== null ? Math.min(Math.max(timer.endsAt + skewMs, toldAt), toldAt + timer.ms) : null;
      const powerWatts = worksMs === null ? null : open !== null && onBetween(0, now) < worksMs ? 800 : 0.5;
      return { on: open !== null, autoOffAt, powerWatts };
    },
  };
}

export type ModelRelay = ReturnType<typeof createModelRelay>;
