import type { Ending } from '../sessions/session.ts';

/**
 * What of the price was earned, in minor units: for a run, price × whole seconds the relay was on ÷ seconds bought,
 * rounded down; never more than the price. A run that never began delivered nothing.
 */
export function delivered(price: number, durationMs: number, onMs: number, how: Ending['delivered']): number {
  switch (how) {
    case 'full':
      return price;
    case 'nothing':
      return 0;
    case 'on-time': {
      const bought = Math.floor(durationMs / 1000);
      const on = Math.min(bought, Math.floor(Math.max(0, onMs) / 1000));
      return bought === 0 ? 0 : Math.floor((price * on) / bought);
    }
  }
}
