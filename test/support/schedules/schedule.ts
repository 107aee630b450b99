import type { ShellyFault } from '../../../simulators/shelly/start.ts';
import type { Chance } from '../chance.ts';
import type { PlanName } from './street.ts';

/** What a cardholder, or their bank, does about what a guest has paid. */
export type BankAct =
  | { kind: 'dispute'; guest: number; why: 'fraudulent' | 'product_not_received' | 'inquiry'; percent: number }
  | { kind: 'bank-says'; guest: number; what: 'answered' | 'escalated' | 'won' | 'lost' }
  /** A refund that had gone through comes back. */
  | { kind: 'refund-fails'; guest: number; why: string };

/** One thing that somebody does at a machine, or that befalls it. `guest`: 0 came first. */
export type Act =
  | BankAct
  | { kind: 'begin'; guest: number; plan: PlanName }
  | { kind: 'pay' | 'decline' | 'return' | 'activate' | 'pay-extension' | 'fail'; guest: number }
  | { kind: 'extend'; guest: number; plan: PlanName }
  | { kind: 'refund'; guest: number; what: 'run' | 'extension'; percent: number }
  | { kind: 'end'; guest: number; refund: boolean }
  | { kind: 'force-off' }
  | { kind: 'power-cycle' }
  | { kind: 'switch'; on: boolean }
  | { kind: 'press'; on: boolean }
  | { kind: 'fault'; fault: ShellyFault };

/** What happens at one machine: at each step of its street, the acts in their order. */
export type Schedule = { acts: Act[][]; offlineAtTheEnd: boolean };

const faults: readonly ShellyFault[] = ['offline', 'offline', 'answer-lost', 'refuses', 'dead-relay'];

/** Up to three guests at one machine, and what may go wrong with each of them and with the machine. */
export function scheduleOf(luck: Chance, steps: number): Schedule {
  const acts: Act[][] = Array.from({ length: steps }, () => []);
  const at = (step: number, act: Act): void => {
    acts[Math.min(steps - 1, step)]?.push(act);
  };
  const guests = luck.odds(45) ? (luck.odds(20) ? 3 : 2) : 1;
  let comes = luck.below(3);
  for (let guest = 0; guest < guests; guest++) {
    visit(luck, comes, guest, at);
    comes += 1 + luck.below(Math.ceil(steps / 2));
  }
  befall(luck, steps, at);
  return { acts: acts.map((step) => (luck.odds(30) ? luck.shuffled(step) : step)), offlineAtTheEnd: luck.odds(2) };
}

type At = (step: number, act: Act) => void;

function visit(luck: Chance, comes: number, guest: number, at: At): void {
  const plan = luck.pick<PlanName>(['minute', 'delayed', 'five', 'five', 'five', 'free']);
  at(comes, { kind: 'begin', guest, plan });
  if (luck.odds(15)) at(comes, { kind: 'begin', guest, plan }); // one tap too many
  if (luck.odds(8)) at(comes + luck.below(2), { kind: 'begin', guest, plan: 'minute' }); // changes their mind
  if (luck.odds(12)) return; // goes away
  if (luck.odds(12)) at(comes, { kind: 'decline', guest });
  const pays = comes + (luck.odds(75) ? 0 : luck.below(6)); // late: the hold may have run out, the machine be another's
  at(pays, { kind: 'pay', guest });
  if (luck.odds(10)) at(pays + luck.below(2), { kind: 'pay', guest });
  if (luck.odds(50)) at(pays + luck.below(2), { kind: 'return', guest });
  if (luck.odds(20)) at(pays + luck.below(3), { kind: 'return', guest });
  if (luck.odds(20)) at(pays + luck.below(2), { kind: 'activate', guest });
  if (luck.odds(30)) extend(luck, pays + luck.below(3), guest, at);
  if (luck.odds(14)) at(pays + luck.below(6), { kind: 'end', guest, refund: luck.odds(75) });
  if (luck.odds(6)) at(pays + luck.below(6), { kind: 'fail', guest });
  if (luck.odds(12)) {
    const percent = luck.odds(40) ? 100 : 1 + luck.below(99);
    at(pays + luck.below(6), { kind: 'refund', guest, what: 'run', percent });
  }
  if (luck.odds(12)) object(luck, pays + luck.below(6), guest, at);
  if (luck.odds(25)) at(pays + 1 + luck.below(8), refundFails(luck, guest));
}

/** The cardholder objects; the bank asks, is answered, and decides: sooner, or when all is over. */
function object(luck: Chance, step: number, guest: number, at: At): void {
  const why = luck.pick(['fraudulent', 'fraudulent', 'product_not_received', 'inquiry'] as const);
  at(step, { kind: 'dispute', guest, why, percent: luck.odds(75) ? 100 : 1 + luck.below(99) });
  if (luck.odds(40)) at(step + luck.below(2), { kind: 'bank-says', guest, what: 'answered' });
  if (luck.odds(40)) at(step + luck.below(3), { kind: 'bank-says', guest, what: 'escalated' });
  if (luck.odds(50)) at(step + luck.below(5), { kind: 'bank-says', guest, what: luck.odds(50) ? 'won' : 'lost' });
}

export function refundFails(luck: Chance, guest: number): BankAct {
  return { kind: 'refund-fails', guest, why: luck.odds(20) ? 'expired_or_canceled_card' : 'declined' };
}

/** More time: asked for while it may run, paid in time or too late. */
function extend(luck: Chance, step: number, guest: number, at: At): void {
  // what is offered on top is not offered in the last minute
  at(step, { kind: 'extend', guest, plan: luck.pick<PlanName>(['minute', 'five', 'five', 'free']) });
  if (luck.odds(15)) return;
  const pays = step + (luck.odds(60) ? 0 : luck.below(5));
  at(pays, { kind: 'pay-extension', guest });
  if (luck.odds(30)) at(pays + luck.below(2), { kind: 'return', guest });
  if (luck.odds(15)) {
    at(pays + luck.below(4), { kind: 'refund', guest, what: 'extension', percent: luck.odds(70) ? 100 : 50 });
  }
}

/** What befalls the machine, or staff does to it. */
function befall(luck: Chance, steps: number, at: At): void {
  if (luck.odds(25)) {
    const from = luck.below(steps);
    at(from, { kind: 'fault', fault: luck.pick(faults) });
    at(from + 1 + luck.below(4), { kind: 'fault', fault: 'none' });
  }
  if (luck.odds(8)) at(luck.below(steps), { kind: 'press', on: luck.odds(40) });
  if (luck.odds(8)) at(luck.below(steps), { kind: 'power-cycle' });
  if (luck.odds(6)) at(luck.below(steps), { kind: 'force-off' });
  if (luck.odds(4)) at(luck.below(steps), { kind: 'switch', on: luck.odds(80) });
}
