import { expect } from 'vitest';
import type { MailView } from '../../simulators/mail/start.ts';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import { untilAllSent } from './inbox.ts';
import { type Answer, type Laundry, openLaundry } from './laundry.ts';
import { addMachines, type Machine } from './machines.ts';
import { beginToPay, untilState } from './purchase.ts';
import { adminOf } from './signed-in.ts';

/** A laundry that sends mails, with machines for guests to wait at; a program takes five minutes. */
export type WaitingRoom = {
  laundry: Laundry;
  /** The relays of the machines. */
  rack: ShellySimulator;
  admin(): Promise<{ token: string }>;
  /** A machine that no test has touched, in a place of its own, so that it is like no other. */
  machine(): Promise<Machine>;
  /** Two, or so many, that are like each other and like no other. */
  pair(): Promise<[Machine, Machine]>;
  alike(count: number): Promise<Machine[]>;
  /** Another guest's run; the token of its page. */
  occupied(machine: Machine): Promise<string>;
  /** Its time is up, and the lines were looked at. */
  over(token: string): Promise<void>;
  wish(machine: Machine, email: string, o?: { any?: boolean; language?: string }): Promise<Answer>;
  /** Of the wishes that wait for this address. */
  statesOf(email: string): Promise<string[]>;
  /** Lines are looked at every few seconds. */
  nextLook(): Promise<void>;
  /** Lets everybody look whose time it is, and everything be sent: whoever has no mail then gets none. */
  everythingTold(): Promise<void>;
  close(): Promise<void>;
};

export const runTime = 5 * 60_000;

export async function openWaitingRoom(count: number): Promise<WaitingRoom> {
  const laundry = await openLaundry({ mail: true });
  const { machines, shelly: rack } = await addMachines(laundry, count, { minutes: runTime / 60_000, price: 100 });
  const admin = adminOf(() => laundry);
  let used = 0;
  let guests = 0;

  const alike: WaitingRoom['alike'] = async (wanted) => {
    const some = machines.slice(used, used + wanted);
    if (some.length < wanted) throw new Error('There are no more machines');
    used += wanted;
    const { token } = await admin();
    const place = await laundry.call('POST', '/api/locations', { token, body: { name: `Room ${used}` } });
    for (const { id } of some) {
      await laundry.call('PATCH', `/api/devices/${id}`, { token, body: { locationId: place.body.id } });
    }
    return some;
  };
  const pair: WaitingRoom['pair'] = async () => {
    const [one, two] = await alike(2);
    if (one === undefined || two === undefined) throw new Error('There are no more machines');
    return [one, two];
  };
  const machine: WaitingRoom['machine'] = async () => {
    const [one] = await alike(1);
    if (one === undefined) throw new Error('There are no more machines');
    return one;
  };
  /** Also where a look was under way when time was moved: that one is not waited for by `ahead`. */
  const nextLook = async (): Promise<void> => {
    await laundry.ahead(5000);
    const due = "select from wishes where state = 'waiting' and look_at <= $1";
    await laundry.until('every line looked at', async () => {
      const { rowCount } = await laundry.app.database.pool.query(due, [new Date(laundry.clock.now())]);
      return rowCount === 0;
    });
  };

  return {
    laundry,
    rack,
    admin,
    machine,
    pair,
    alike,
    nextLook,
    async occupied({ uid, plan }) {
      const begun = await beginToPay(laundry, plan, { uid, body: { email: '' } });
      expect(begun.status).toBe(200);
      expect(await laundry.stripe.pay(begun.checkoutId)).toEqual({ paid: true });
      await untilState(laundry, begun.token, 'running');
      return begun.token;
    },
    async over(token) {
      await laundry.ahead(runTime + 1000);
      await untilState(laundry, token, 'complete');
      await nextLook();
    },
    async wish({ uid }, email, o = {}) {
      const answer = await laundry.call('POST', `/api/public/device/${uid}/tell-me`, {
        body: { email, ...(o.any === undefined ? {} : { any: o.any }) },
        headers: { 'accept-language': o.language ?? 'en' },
        cookie: `keystead_hold=${String(++guests).padStart(32, 'g')}`,
      });
      if (answer.status === 429) throw new Error('Too many wishes for one hour: move the clock');
      return answer;
    },
    async statesOf(email) {
      const { rows } = await laundry.app.database.pool.query('select state from wishes where email = $1', [email]);
      return rows.map(({ state }) => state);
    },
    async everythingTold() {
      await nextLook();
      await nextLook();
      await untilAllSent(laundry);
    },
    async close() {
      await laundry.close();
      await rack.close();
    },
  };
}

/** The way to the page that stops such mails. */
export const stopPath = (mail: MailView | undefined): string =>
  /\/pay\/[a-z0-9]+\/tell-me\/[A-Za-z0-9_-]{32}/.exec(mail?.text ?? '')?.[0] ?? '';
