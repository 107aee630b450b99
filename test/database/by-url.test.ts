import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KeysteadProcess, killAll, startKeystead } from '../crash/keystead-process.ts';
import { openPlace, type Place, until } from '../crash/place.ts';
import { freePort } from '../support/free-port.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

/** The whole program on a server that is reached by its URL: both processes come to an empty database at once. */
let fresh: FreshDatabase;
let place: Place;
let one: KeysteadProcess;
let two: KeysteadProcess;

beforeAll(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  const ports = [await freePort(), await freePort()] as const;
  place = await openPlace({ port: ports[0], names: ['Washer 1'] });
  const environment = {
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
    PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
  };
  [one, two] = await Promise.all([
    startKeystead({ ...environment, PORT: String(ports[0]) }),
    startKeystead({ ...environment, PORT: String(ports[1]) }),
  ]);
}, 60_000);
afterAll(async () => {
  await killAll();
  await place.close();
  await fresh.drop();
}, 60_000);

test('two processes sell once: begun at one, paid at the other, seen running by both', async () => {
  const [machine] = await place.furnish();
  const { stripe, shelly } = place.simulators;
  const page = `/pay/${machine?.uid}`;
  const { cookie } = await place.call('GET', page, { url: one.url, staff: false });
  const begun = await place.call('POST', `/api/public/device/${machine?.uid}/intent`, {
    url: one.url,
    staff: false,
    cookie,
    body: { planId: machine?.minute },
  });
  expect(begun.status).toBe(200);
  stripe.setWebhookUrl(`${two.url}/api/stripe/webhook`);
  const checkout = stripe.checkouts().find(({ url }) => url === begun.body.url);
  expect(await stripe.pay(checkout?.id ?? '')).toEqual({ paid: true });
  await until('the machine on', () => shelly.device('Washer 1').channels[0]?.output === true);
  for (const { url } of [one, two]) {
    const session = await until('the session seen to run', async () => {
      const { body } = await place.call('GET', '/api/sessions', { url });
      return body[0]?.startedAt === null ? null : body[0];
    });
    expect(session).toMatchObject({ status: 'ACTIVE' });
    expect((await place.call('GET', '/api/ready', { url, staff: false })).status).toBe(200);
  }
  expect(shelly.history('Washer 1').filter(({ kind, on }) => kind === 'set' && on).length).toBe(1);
  expect(stripe.charges().length).toBe(1);
}, 60_000);
