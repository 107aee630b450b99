import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../simulators/mqtt/start.ts';
import { freePort } from '../support/free-port.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { type MortalApp, startMortalApp } from '../support/mortal-app.ts';

/** A broker, and several servers on one database that each see it with their own eyes: the eldest speaks for all. */
let laundry: Laundry;
let broker: Broker;
let connectionId: string;
const servers: MortalApp[] = [];

beforeAll(async () => {
  laundry = await openLaundry({ engine: false }); // its engine would be one that cannot die
  broker = await startBroker();
});
afterAll(async () => {
  for (const one of servers) if (!one.dead()) await one.close();
  await broker.close();
  await laundry.close();
});

const staff = (method: string, path: string, body?: unknown) =>
  laundry.call(method, path, { token: laundry.tokens.admin, ...(body === undefined ? {} : { body }) });
const standing = async (): Promise<{ id: string; raisedAt: string }[]> =>
  (await staff('GET', '/api/notices')).body.filter((one: { kind: string }) => one.kind === 'broker-down');
const raised = () =>
  laundry.until('the notice', async () => {
    laundry.clock.ahead(1000); // whenever it was noticed that the broker is away
    return (await standing()).length === 1;
  });
const cleared = () => laundry.until('no notice', async () => (await standing()).length === 0);

/** Starts a server, which buries those that were killed, and answers by which name it sits at the broker. */
async function start(): Promise<{ server: MortalApp; clientId: string }> {
  const before = broker.clients();
  const server = await startMortalApp({
    config: { publicUrl: laundry.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: laundry.stripe.url },
    connection: laundry.connection,
    masterKey: laundry.masterKey,
    clock: laundry.clock,
    port: await freePort(),
    complain: () => undefined, // brokers that are away, and a death
  });
  servers.push(server);
  const clientId = await laundry.until('a seat at the broker', () =>
    broker.clients().find((id) => id.startsWith('keystead-') && !before.includes(id)),
  );
  return { server, clientId };
}

/** Every server has looked at everything twice: one look ends before the next begins, and opens what is new. */
async function untilAllHaveLooked(count: number): Promise<void> {
  for (let looks = 0; looks < 2; looks += 1) {
    const sign = await startBroker();
    const made = await staff('POST', '/api/connections', { vendor: 'shelly-mqtt', url: sign.url, name: 'Sign' });
    await laundry.until('all are there', () => sign.connected() === count);
    await staff('DELETE', `/api/connections/${made.body.id}`);
    await sign.close();
  }
}

test('what one server raises no other one clears, and what it leaves behind the next one sets right', async () => {
  connectionId = (await staff('POST', '/api/connections', { vendor: 'shelly-mqtt', url: broker.url })).body.id;
  const eldest = await start();
  const younger = await start();

  // the younger one alone is cut off: nothing is said
  broker.keepOut(younger.clientId);
  await laundry.until('cut off', () => !broker.clients().includes(younger.clientId));
  await untilAllHaveLooked(2);
  laundry.clock.ahead(60_000);
  await untilAllHaveLooked(2);
  expect(await standing()).toEqual([]);

  // its elder dies as by kill -9, and is buried by the next one that comes: now it speaks
  eldest.server.kill();
  await start();
  await raised();
  // the third one reaches the broker; that clears nothing
  await untilAllHaveLooked(2);
  expect(await standing()).toHaveLength(1);

  // who raised it dies: the third one, which has seen the broker all the time, says so
  younger.server.kill();
  await start();
  await cleared();
}, 120_000);

test('a notice goes with its connection, whoever had raised it', async () => {
  await broker.stop();
  await raised();
  expect((await staff('DELETE', `/api/connections/${connectionId}`)).status).toBe(200);
  expect(await standing()).toEqual([]);
}, 60_000);
