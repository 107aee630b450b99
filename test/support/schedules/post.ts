import type { Chance } from '../chance.ts';
import type { Counts } from './counts.ts';
import type { Street } from './street.ts';

/** Stripe's letters on their way: late, twice, in another order, or lost. */
export type Post = {
  /** What was written since the last look gets its fate. */
  collect(step: number): void;
  /** Hands in what is due at this step. */
  deliver(step: number): Promise<void>;
  /** All but what is lost. */
  deliverAll(): Promise<void>;
  /** Days later, what had been lost comes after all. */
  deliverLost(): Promise<void>;
};

type Letter = { id: string; due: number; times: number };

/** Of the types that the server goes by; some of the others, to see that they are left alone. */
const matters = (type: string): boolean =>
  /^(checkout\.session\.|payment_intent\.succeeded|charge\.refunded|charge\.dispute\.|refund\.(updated|failed))/.test(
    type,
  );

export function createPost(street: Street, luck: Chance, counts: Counts): Post {
  let seen = street.stripe.events().length;
  let letters: Letter[] = [];
  const lost: string[] = [];

  function collect(step: number): void {
    const events = street.stripe.events(seen);
    for (const { id, type } of events) {
      if (!matters(type) && !luck.odds(10)) continue;
      if (luck.odds(15)) {
        lost.push(id);
        counts.add('events lost');
        continue;
      }
      const due = step + (luck.odds(65) ? 0 : luck.below(8));
      letters.push({ id, due, times: luck.odds(30) ? 1 + luck.below(3) : 1 });
    }
    seen += events.length;
  }

  async function hand(all: Letter[]): Promise<void> {
    await Promise.all(
      all.map(async (letter) => {
        const answers = await street.stripe.deliver(letter.id, letter.times);
        counts.add('events delivered', answers.filter((status) => status === 200).length > 0 ? 1 : 0);
        counts.add('events repeated', letter.times - 1);
        if (answers.some((status) => status === 200)) return;
        letters.push({ ...letter, due: letter.due + 1, times: 1 }); // nobody was there, or it was refused for now
        counts.add('events not taken, sent again');
      }),
    );
  }

  async function deliver(step: number): Promise<void> {
    const now = luck.shuffled(letters.filter(({ due }) => due <= step));
    letters = letters.filter(({ due }) => due > step);
    for (let n = 0; n < now.length; n += 12) await hand(now.slice(n, n + 12));
  }

  return {
    collect,
    deliver,
    deliverAll: async () => {
      for (let n = 0; n < 5 && letters.length > 0; n++) await deliver(Number.POSITIVE_INFINITY);
    },
    deliverLost: () => hand(lost.map((id) => ({ id, due: 0, times: 1 }))),
  };
}
