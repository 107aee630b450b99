import Stripe from 'stripe';
import { type Account, openAccount } from './account.ts';
import { openBare } from './bare.ts';
import type { Place } from './place.ts';
import { openRack, type Rack } from './rack.ts';
import { type Line, ms, pause, quantile } from './report.ts';

/** From the first byte of a webhook to the switch-on at the relay, against the least that could be done at all. */

type Machine = { uid: string; plan: string; rack: Rack; channel: number };

const channels = 64;
/** One request a second for all of them. */
const ofAnAccount = 6;

export async function benchWebhook(place: Place, purchases: number): Promise<Line[]> {
  const racks: Rack[] = [];
  const accounts: Account[] = [];
  const rackOf = async (name: string): Promise<Rack> => {
    const rack = await openRack(name, channels);
    racks.push(rack);
    return rack;
  };
  const bare = await openBare(place.connection, place.stripe.webhookSecret);
  try {
    const location = String((await place.call('POST', '/api/locations', { name: 'Bench street' })).id);
    const machines: Machine[] = [];
    while (machines.length < purchases * 2 + 20) {
      const rack = await rackOf(`well-${racks.length}`);
      machines.push(...(await furnish(place, location, rack, channels)));
    }
    for (const machine of machines.splice(0, 20)) await purchase(place, bare.url, machine); // warm

    const own: number[] = [];
    const least: number[] = [];
    for (const machine of machines.splice(0, purchases)) {
      const times = await purchase(place, bare.url, machine);
      own.push(times.own);
      least.push(times.least);
    }

    // two accounts at Shelly's cloud, with runs of their own, get into trouble and out of it again, by turns
    for (const name of ['Hangs', 'Refuses']) {
      const account = await openAccount(place, location, name, ofAnAccount);
      accounts.push(account);
      for (const machine of account.machines) await tell(place.url, await paid(place, machine));
    }
    while (accounts.some((account) => account.on() < ofAnAccount)) await pause(200);
    const calm: number[] = [];
    const storm: number[] = [];
    const blocks = 8;
    const block = Math.floor(purchases / blocks);
    for (let n = 0; n < blocks; n++) {
      const inTrouble = n % 2 === 1;
      for (const [index, account] of accounts.entries()) {
        account.trouble(!inTrouble ? null : index === 0 ? 'timeout-before' : 'busy');
      }
      await pause(n % 2 === 0 ? 500 : 3000); // until it is felt
      for (const machine of machines.splice(0, block)) {
        (n % 2 === 0 ? calm : storm).push((await purchase(place, bare.url, machine)).own);
      }
    }
    const line = (what: string, a: number[], b: number[], share: number, target: number): Line => ({
      what,
      ratio: quantile(a, share) / quantile(b, share),
      target,
      detail: `${ms(quantile(a, share))} against ${ms(quantile(b, share))}, ${a.length} and ${b.length} times`,
    });
    return [
      line('webhook received → switch-on sent, median', own, least, 0.5, 3),
      line('webhook received → switch-on sent, 99 %', own, least, 0.99, 3),
      line('the same while one Shelly account hangs and another answers 429, median', storm, calm, 0.5, 1.3),
      line('the same while one Shelly account hangs and another answers 429, 99 %', storm, calm, 0.99, 1.3),
    ];
  } finally {
    await bare.close();
    for (const rack of racks) await rack.close();
    for (const account of accounts) await account.close();
  }
}

async function furnish(place: Place, locationId: string, rack: Rack, count: number): Promise<Machine[]> {
  const devices = [{ address: rack.address }];
  const connection = await place.call('POST', '/api/connections', { vendor: 'shelly-lan', name: rack.id, devices });
  const machines: Machine[] = [];
  for (let channel = 0; channel < count; channel++) {
    const body = {
      shellyDeviceId: rack.id,
      channel,
      connectionId: connection.id,
      locationId,
      name: `${rack.id} ${channel}`,
    };
    const device = await place.call('POST', '/api/devices', body);
    const plan = await place.call('POST', `/api/devices/${String(device.id)}/periods`, {
      name: 'Wash',
      duration: 60,
      price: 250,
    });
    machines.push({ uid: String(device.uid), plan: String(plan.id), rack, channel });
  }
  return machines;
}

type Told = { payload: string; headers: Record<string, string> };

/** A guest pays; what Stripe then tells, signed. */
async function paid(place: Place, { uid, plan }: Pick<Machine, 'uid' | 'plan'>): Promise<Told> {
  const intent = await place.call('POST', `/api/public/device/${uid}/intent`, { planId: plan });
  const checkout = place.stripe.checkouts().find((one) => one.url === intent.url);
  if (checkout === undefined) throw new Error('There is no such checkout');
  await place.stripe.pay(checkout.id);
  const event = place.stripe
    .events()
    .findLast((one) => one.type === 'checkout.session.completed' && one.data.object.id === checkout.id);
  const payload = JSON.stringify(event, null, 2);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: place.stripe.webhookSecret });
  return { payload, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
}

const tell = (server: string, { payload, headers }: Told, path = '/api/stripe/webhook'): Promise<string> =>
  fetch(server + path, { method: 'POST', headers, body: payload }).then((answer) => answer.text());

/** One purchase, timed from its webhook on; and the same bytes to the bare server. Milliseconds. */
async function purchase(place: Place, bareUrl: string, machine: Machine): Promise<{ own: number; least: number }> {
  const told = await paid(place, machine);
  const bareBegun = performance.now();
  await tell(bareUrl, told, '/webhook');
  const least = performance.now() - bareBegun;

  const switched = machine.rack.switchedOn(machine.channel);
  const begun = performance.now();
  await tell(place.url, told);
  const own = (await switched) - begun;
  return { own, least };
}
