import type { ShellyFault } from '../../../simulators/shelly/start.ts';
import type { ChargeView, CheckoutView } from '../../../simulators/stripe/start.ts';
import { assertNever } from '../../../src/rules/assert-never.ts';
import { createBank } from './bank.ts';
import type { Counts } from './counts.ts';
import type { Act } from './schedule.ts';
import type { Machine, Street } from './street.ts';

type Guest = { cookie: string; token: string; checkouts: string[]; extensions: string[] };

/** Plays what happens at one machine, and remembers what its guests were told. */
export type Player = {
  machine: Machine;
  /** False: nobody answered; it is to be tried again later. */
  play(act: Act): Promise<boolean>;
  /** How many guests came. */
  guests(): number;
  /** The bank decides about all that is open. */
  closeDisputes(outcome: 'won' | 'lost'): void;
  /** Nobody pressed a button at it, and nothing was wrong with it. */
  untouched(): boolean;
  /** Tokens of runs that guests were told to be running. */
  toldRunning: Set<string>;
};

export function createPlayer(street: Street, machine: Machine, counts: Counts): Player {
  const { stripe, shelly, call } = street;
  const guests = new Map<number, Guest>();
  const bank = createBank(street, counts);
  const toldRunning = new Set<string>();
  let untouched = true;

  const guestOf = (number: number): Guest => {
    const known = guests.get(number) ?? { cookie: '', token: '', checkouts: [], extensions: [] };
    guests.set(number, known);
    return known;
  };
  const checkout = (id: string | undefined): CheckoutView | undefined =>
    street.stripe.checkouts().find((one) => one.id === id);

  async function begin(guest: Guest, planId: string): Promise<boolean> {
    const cookie = guest.cookie === '' ? {} : { cookie: guest.cookie };
    const answer = await call('POST', `/api/public/device/${machine.uid}/intent`, { body: { planId }, ...cookie });
    if (answer === null) return false;
    if (guest.cookie === '') guest.cookie = (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    if (answer.status !== 200) {
      counts.add(answer.status < 500 ? 'intents refused' : 'intents that failed at Stripe');
      return answer.status < 500;
    }
    counts.add('intents');
    const url = String(answer.body.url);
    const opened = stripe.checkouts().find((one) => one.url === url);
    guest.token = /\/session\/([^?]+)/.exec(opened?.successUrl ?? url)?.[1] ?? '';
    if (opened !== undefined && !guest.checkouts.includes(opened.id)) guest.checkouts.push(opened.id);
    return true;
  }

  async function pay(id: string | undefined, card?: string): Promise<boolean> {
    if (id === undefined) return true;
    if (stripe.state().fault === 'down') return false;
    const { paid } = await stripe.pay(id, card);
    if (card === undefined) counts.add(paid ? 'payments' : 'payments too late');
    else counts.add('cards declined');
    return true;
  }

  async function goBack(guest: Guest): Promise<boolean> {
    if (guest.token === '') return true;
    counts.add('returns');
    if ((await call('GET', `/session/${guest.token}${guest.extensions.length > 0 ? '?added=1' : ''}`)) === null)
      return false;
    const told = await call('GET', `/api/public/sessions/${guest.token}`);
    if (told?.body?.startedAt) toldRunning.add(guest.token);
    return told !== null;
  }

  async function extend(guest: Guest, planId: string): Promise<boolean> {
    if (guest.token === '') return true;
    const answer = await call('POST', `/api/public/sessions/${guest.token}/extend`, { body: { planId } });
    if (answer === null) return false;
    counts.add(answer.status === 200 ? 'extensions asked for' : 'extensions refused');
    const opened = stripe.checkouts().find((one) => one.url === answer.body?.url);
    if (opened !== undefined) guest.extensions.push(opened.id);
    return true;
  }

  async function refund(id: string | undefined, percent: number): Promise<boolean> {
    const intent = checkout(id)?.paymentIntentId ?? null;
    const charge = stripe.charges().find((one) => one.paymentIntentId === intent);
    if (charge?.disputes.some(({ status }) => !refundable.has(status))) return true;
    const left = (charge?.amount ?? 0) - (charge?.amountRefunded ?? 0);
    if (intent === null || charge === undefined || left === 0) return true;
    const amount = Math.min(left, Math.max(1, Math.floor((charge.amount * percent) / 100)));
    await stripe.refundFromDashboard(intent, amount);
    counts.add(amount === charge.amount ? 'refunds by hand in full' : 'refunds by hand in part');
    return true;
  }

  /** What this guest has paid, all in all. */
  function chargesOf({ checkouts, extensions }: Guest): ChargeView[] {
    return [...checkouts, ...extensions].flatMap((id) => stripe.about(id).charge ?? []);
  }

  async function staff(method: string, path: string, body: unknown, what: string): Promise<boolean> {
    const answer = await call(method, path, { body, staff: true });
    if (answer?.status === 200) counts.add(what);
    return answer !== null;
  }

  async function play(act: Act): Promise<boolean> {
    switch (act.kind) {
      case 'begin':
        return begin(guestOf(act.guest), machine.plans[act.plan]);
      case 'pay':
        return pay(guestOf(act.guest).checkouts.at(-1));
      case 'decline':
        return pay(guestOf(act.guest).checkouts.at(-1), '4000000000000002');
      case 'return':
        return goBack(guestOf(act.guest));
      case 'activate': {
        const body = { checkoutSessionId: guestOf(act.guest).checkouts.at(-1) ?? 'cs_none' };
        counts.add('activations');
        return (await call('POST', `/api/public/device/${machine.uid}/activate`, { body })) !== null;
      }
      case 'extend':
        return extend(guestOf(act.guest), machine.plans[act.plan]);
      case 'pay-extension':
        return pay(guestOf(act.guest).extensions.at(-1));
      case 'refund': {
        const { checkouts, extensions } = guestOf(act.guest);
        return refund((act.what === 'run' ? checkouts : extensions).at(-1), act.percent);
      }
      case 'dispute':
      case 'bank-says':
      case 'refund-fails':
        bank.play(act, chargesOf(guestOf(act.guest)));
        return true;
      case 'end':
      case 'fail': {
        const { token } = guestOf(act.guest);
        if (token === '') return true;
        const body = act.kind === 'end' ? { refund: act.refund } : { reason: 'it leaks' };
        return staff('PATCH', `/api/sessions/${token}/${act.kind}`, body, 'runs ended by staff');
      }
      case 'force-off':
        return staff('POST', `/api/devices/${machine.id}/force-off`, {}, 'forced off by staff');
      case 'switch':
        untouched = false; // staff's hand: a run may find it on
        return staff('POST', `/api/devices/${machine.id}/switch`, { on: act.on, minutes: 3 }, 'switched by staff');
      case 'fault':
        fault(act.fault);
        return true;
      case 'press':
        press(act.on);
        return true;
      case 'power-cycle':
        powerCycle();
        return true;
      default:
        return assertNever(act);
    }
  }

  function fault(name: ShellyFault): void {
    untouched = false;
    shelly.setFault(machine.name, name);
    if (name !== 'none') counts.add('device faults');
  }

  function press(on: boolean): void {
    untouched = false;
    shelly.setOutput(machine.name, 0, on);
    counts.add('buttons pressed');
  }

  function powerCycle(): void {
    untouched = false;
    shelly.powerCycle(machine.name);
    counts.add('power cycles');
  }

  return {
    machine,
    play,
    guests: () => guests.size,
    closeDisputes: (outcome) => bank.closeAll([...guests.values()].flatMap(chargesOf), outcome),
    untouched: () => untouched,
    toldRunning,
  };
}

/** States of a dispute in which Stripe still refunds. */
const refundable: ReadonlySet<string> = new Set([
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'won',
]);
