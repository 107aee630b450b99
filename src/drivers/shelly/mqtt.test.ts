import { randomBytes } from 'node:crypto';
import net from 'node:net';
import mqtt from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../../simulators/mqtt/start.ts';
import {
  type ShellySimulator,
  startShellySimulator,
  type Trouble,
  type TroubleKind,
} from '../../../simulators/shelly/start.ts';
import { systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import type { Command, Driver, HardwareRef, Told } from '../port.ts';
import { openDriver } from '../registry.ts';

/** The driver against a real broker and simulated devices on it. */
let broker: Broker;
let shelly: ShellySimulator;
const drivers = new Set<Driver>();
const rogues = new Set<mqtt.MqttClient>();

beforeAll(async () => {
  broker = await startBroker({ login: { username: 'us', password: 'broker-password' } });
  shelly = await startShellySimulator({
    stateDir: null,
    slowMs: 2500,
    devices: [
      { name: 'Washer', channels: 2, load: { watts: 2000 } },
      { name: 'Safe', password: 'secret' },
      { name: 'Named' },
      { name: 'Old' },
    ],
  });
  const seat = { url: broker.url, username: 'us', password: 'broker-password' };
  shelly.joinBroker('Washer', seat);
  shelly.joinBroker('Safe', seat);
  shelly.joinBroker('Named', { ...seat, topic: 'cellar/left' });
  shelly.joinBroker('Old', { ...seat, gen: 1 });
  await until(() => broker.connected() === 4);
});
afterEach(async () => {
  for (const { name } of shelly.devices()) {
    shelly.setTrouble(name, null);
    shelly.setFault(name, 'none');
  }
  for (const driver of drivers) await driver.close?.();
  await Promise.all([...rogues].map((rogue) => rogue.endAsync(true)));
  drivers.clear();
  rogues.clear();
});
afterAll(async () => {
  await shelly.close();
  await broker.close();
});

const on: Command = { kind: 'switch-on', autoOffSeconds: 60 };
const off: Command = { kind: 'switch-off' };
const soon = () => systemClock.deadline(5000);
const refOf = (name: string, channel = 0): HardwareRef => ({ hardwareId: shelly.device(name).id, channel });
const output = (name: string, channel = 0) => shelly.device(name).channels[channel];
const config = () => ({ url: broker.url, username: 'us', password: 'broker-password' });

async function drive(more: Record<string, unknown> = {}): Promise<{ driver: Driver; told: Told[] }> {
  const deps = { http: createVendorHttp({ clock: systemClock }), clock: systemClock, random: randomBytes };
  const driver = await openDriver('shelly-mqtt', { ...config(), ...more }, deps);
  drivers.add(driver);
  const told: Told[] = [];
  driver.watch?.((one) => told.push(one));
  return { driver, told };
}

async function until(look: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (look()) return;
    await systemClock.sleep(20);
  }
  throw new Error('It never came to this');
}

/** Somebody else on the broker. */
async function rogue(): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(broker.url, { username: 'us', password: 'broker-password' });
  rogues.add(client);
  return client;
}

describe('a relay of generation 2 and later', () => {
  test('is switched on with its own timer, read, and switched off', async () => {
    const { driver } = await drive();
    const ref = refOf('Washer', 1);
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'confirmed', observation: { on: true } });
    expect(output('Washer', 1)).toMatchObject({ output: true, timerDuration: 60 });
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'relay', on: true, powerWatts: 2000 });
    expect(await driver.perform(ref, off, soon())).toMatchObject({ kind: 'confirmed', observation: { on: false } });
    await expect(driver.perform(ref, { kind: 'switch-on', autoOffSeconds: 0 }, soon())).rejects.toThrow(RangeError);
  });

  test('is listed with its channels, also under a prefix that somebody chose', async () => {
    const { driver } = await drive({ topics: ['cellar/left'], devicePassword: 'secret' });
    const listed = async () =>
      (await driver.list(soon())).map(({ ref, online }) => `${ref.hardwareId}/${ref.channel} ${online}`);
    const named = shelly.device('Named').id;
    for (let tries = 0; tries < 50 && (await listed()).length < 5; tries++) await systemClock.sleep(50);
    const idOf = (name: string) => shelly.device(name).id;
    expect(new Set(await listed())).toEqual(
      new Set([
        `${idOf('Washer')}/0 true`,
        `${idOf('Washer')}/1 true`,
        `${idOf('Safe')}/0 true`,
        `${idOf('Old')}/0 true`,
        `${named}/0 true`,
      ]),
    );
    expect(await driver.perform({ hardwareId: named, channel: 0 }, off, soon())).toMatchObject({ kind: 'confirmed' });
  });

  test('is listed as offline while none of its kind answers, also beside one of generation 1', async () => {
    const { driver } = await drive({ topics: ['cellar/left'], devicePassword: 'secret' });
    const newer = ['Washer', 'Safe', 'Named'];
    const ids = newer.map((name) => shelly.device(name).id);
    const listed = async () => (await driver.list(soon())).filter(({ ref }) => ids.includes(ref.hardwareId));
    for (let tries = 0; tries < 50 && (await listed()).filter(({ online }) => online).length < 4; tries++);
    for (const name of newer) shelly.setTrouble(name, { kind: 'timeout-before', where: 'everything' });
    const silent = await listed();
    expect(silent.map(({ ref, online, trouble }) => [ref.channel, online, trouble?.reason])).toEqual(
      Array.from({ length: 4 }, () => [expect.any(Number), false, 'unreachable']),
    );
    expect(
      (await driver.list(soon())).some(({ ref, online }) => ref.hardwareId === refOf('Old').hardwareId && online),
    ).toBe(true);
  });

  test('that the broker says is there, and that has never answered us, is listed as offline', async () => {
    shelly.setTrouble('Washer', { kind: 'timeout-before', where: 'everything' });
    const { driver } = await drive();
    const washer = (await driver.list(soon())).filter(({ ref }) => ref.hardwareId === refOf('Washer').hardwareId);
    expect(washer).toMatchObject([{ online: false, channelCount: null, trouble: { reason: 'unreachable' } }]);
  });

  test.each([
    ['the right password', { devicePassword: 'secret' }, 'confirmed'],
    ['its own password beside one for all', { devicePassword: 'wrong', own: 'secret' }, 'confirmed'],
    ['a wrong password', { devicePassword: 'wrong' }, 'credentials'],
    ['no password', {}, 'credentials'],
  ])('that asks for a password is given %s: %s', async (_, { own, ...more }: Record<string, string>, wanted) => {
    const passwords = own === undefined ? {} : { devicePasswords: { [shelly.device('Safe').id]: own } };
    const { driver } = await drive({ ...more, ...passwords });
    const outcome = await driver.perform(refOf('Safe'), off, soon());
    expect(outcome.kind === 'refused' ? outcome.reason : outcome.kind).toBe(wanted);
  });

  test.each<[TroubleKind, Trouble['where'], string]>([
    ['timeout-before', 'everything', 'refused unreachable'],
    ['timeout-after', 'switching', 'confirmed'],
    ['done-twice', 'everything', 'confirmed'],
    ['busy', 'everything', 'refused busy'],
    ['error-body', 'everything', 'refused vendor'],
    ['broken', 'everything', 'refused vendor'],
    ['broken', 'switching', 'unknown'],
    ['malformed', 'everything', 'refused unreachable'],
    ['wrong-types', 'everything', 'refused vendor'],
    ['cut-off', 'switching', 'confirmed'], // it is back on the broker before we read
    ['wrong-number', 'everything', 'refused unreachable'],
    ['another-device', 'everything', 'refused not-found'],
  ])('%s of %s: %s', async (kind, where, wanted) => {
    const { driver } = await drive();
    const ref = refOf('Washer'); // what it says of itself under `another-device` is another one
    shelly.setTrouble('Washer', { kind, where });
    const outcome = await driver.perform(ref, on, soon());
    expect(outcome.kind === 'refused' ? `refused ${outcome.reason}` : outcome.kind).toBe(wanted);
    // refused means: surely not done
    if (outcome.kind === 'refused') expect(output('Washer')?.output).toBe(false);
    if (outcome.kind === 'confirmed') expect(output('Washer')).toMatchObject({ output: true, timerDuration: 60 });
    shelly.setTrouble('Washer', null);
    await until(() => broker.connected() >= 5);
    expect(await driver.perform(refOf('Washer'), off, soon())).toMatchObject({ kind: 'confirmed' });
  });

  test('that says yes and stays off has refused', async () => {
    const { driver } = await drive();
    shelly.setFault('Washer', 'dead-relay');
    expect(await driver.perform(refOf('Washer'), on, soon())).toMatchObject({ kind: 'refused', reason: 'vendor' });
  });

  test('that forgets every nonce has refused our password, and nothing was done', async () => {
    const { driver } = await drive({ devicePassword: 'secret' });
    expect(await driver.perform(refOf('Safe'), off, soon())).toMatchObject({ kind: 'confirmed' });
    shelly.setTrouble('Safe', { kind: 'credentials-expired', where: 'everything' });
    expect(await driver.perform(refOf('Safe'), on, soon())).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(output('Safe')?.output).toBe(false);
  });

  test('tells by itself that it was switched, went and came back', async () => {
    const { driver, told } = await drive();
    await driver.observe(refOf('Washer'), soon());
    const seen = () =>
      told
        .flatMap((one) => (one.kind === 'seen' ? [one] : []))
        .filter(({ ref }) => ref.hardwareId === shelly.device('Washer').id);
    await until(() => seen().length > 0);
    shelly.setOutput('Washer', 0, true);
    await until(() =>
      seen().some(({ observation }) => observation.kind === 'relay' && observation.source === 'button'),
    );
    shelly.setFault('Washer', 'offline');
    await until(() => seen().some(({ observation }) => observation.kind === 'unreachable'));
    told.length = 0;
    shelly.setFault('Washer', 'none');
    await until(() => seen().some(({ observation }) => observation.kind === 'relay' && observation.on));
    await driver.perform(refOf('Washer'), off, soon());
  }, 20_000);
});

describe('the broker', () => {
  test('that is not there: surely nothing was done, and why', async () => {
    const { driver, told } = await drive({ url: 'mqtt://127.0.0.1:9' });
    const outcome = await driver.perform(refOf('Washer'), on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'unreachable', wholeConnection: true });
    expect(outcome.kind === 'refused' ? outcome.detail : '').toContain('127.0.0.1:9 cannot be reached');
    expect(await driver.observe(refOf('Washer'), soon())).toMatchObject({ kind: 'unreachable' });
    await expect(driver.list(soon())).rejects.toMatchObject({ reason: 'unreachable' });
    expect(told).toContainEqual(expect.objectContaining({ kind: 'way', open: false }));
  });

  test('that does not accept us', async () => {
    const { driver } = await drive({ password: 'wrong' });
    const outcome = await driver.perform(refOf('Washer'), on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(JSON.stringify(outcome)).not.toContain('wrong');
  });

  test('that goes and comes back', async () => {
    const { driver, told } = await drive();
    expect(await driver.perform(refOf('Washer'), off, soon())).toMatchObject({ kind: 'confirmed' });
    await broker.stop();
    await until(() => told.some((one) => one.kind === 'way' && !one.open));
    expect(await driver.observe(refOf('Washer'), systemClock.deadline(500))).toMatchObject({ kind: 'unreachable' });
    await broker.start();
    await until(() => told.at(-1)?.kind !== 'way' || broker.connected() >= 5);
    await until(() => told.filter((one) => one.kind === 'way' && one.open).length === 2);
    await until(() => broker.connected() >= 5);
    expect(await driver.perform(refOf('Washer'), off, soon())).toMatchObject({ kind: 'confirmed' });
  });
});

describe('somebody else on the broker', () => {
  test('who tells things of a device that has not answered us is not believed', async () => {
    const { driver, told } = await drive();
    await driver.observe(refOf('Washer'), soon());
    const liar = await rogue();
    const id = shelly.device('Washer').id;
    const tell = (topic: string, src: string, source: string) =>
      liar.publishAsync(
        topic,
        JSON.stringify({ src, method: 'NotifyStatus', params: { 'switch:0': { id: 0, output: true, source } } }),
      );
    await tell('shellyplus1-ffffffffffff/events/rpc', id, 'lie 1');
    await tell('shellyplus1-ffffffffffff/events/rpc', 'shellyplus1-ffffffffffff', 'lie 2');
    await tell('elsewhere/events/rpc', id, 'lie 3');
    await tell(`${id}/events/rpc`, 'shellyplus1-ffffffffffff', 'lie 4');
    await liar.publishAsync(`${id}/events/rpc`, Buffer.alloc(60_000, '['));
    await liar.publishAsync(`${id}/online`, '{"":');
    shelly.setOutput('Washer', 1, true);
    await until(() =>
      told.some((one) => one.kind === 'seen' && one.ref.channel === 1 && JSON.stringify(one).includes('button')),
    );
    expect(JSON.stringify(told)).not.toContain('lie');
    shelly.setOutput('Washer', 1, false);
  });

  test('who answers in place of a device is not heard: he cannot know the number, nor the name', async () => {
    const { driver } = await drive();
    const liar = await rogue();
    const id = shelly.device('Washer').id;
    shelly.setTrouble('Washer', { kind: 'timeout-before', where: 'everything' });
    await liar.subscribeAsync('other/rpc');
    const answering = driver.perform(refOf('Washer'), on, soon());
    for (let n = 0; n < 100; n++) {
      const answer = JSON.stringify({ id: n, src: id, result: { was_on: false, id, output: true } });
      await liar.publishAsync('keystead/rpc', answer);
    }
    expect(await answering).toMatchObject({ kind: 'refused', reason: 'unreachable' });
  });

  test('who sends a packet larger than anything of ours costs the connection, not the memory', async () => {
    const { driver, told } = await drive();
    await driver.observe(refOf('Washer'), soon());
    const liar = await rogue();
    await liar.publishAsync(`${shelly.device('Washer').id}/events/rpc`, Buffer.alloc(300_000, 'x'));
    await until(() => told.some((one) => one.kind === 'way' && !one.open));
    await until(() => told.filter((one) => one.kind === 'way' && one.open).length === 2);
    expect(await driver.observe(refOf('Washer'), soon())).toMatchObject({ kind: 'relay' });
  });
});

describe('a relay of generation 1', () => {
  const ready = async () => {
    const drove = await drive();
    for (let tries = 0; tries < 100; tries++) {
      if (
        (await drove.driver.list(soon()).catch(() => [])).some(({ ref }) => ref.hardwareId === refOf('Old').hardwareId)
      )
        break;
      await systemClock.sleep(50);
    }
    return drove;
  };

  test('is never switched on: over MQTT it takes no timer', async () => {
    const { driver } = await ready();
    expect(driver.describe(refOf('Old')).hasAutoOff).toBe(false);
    const outcome = await driver.perform(refOf('Old'), on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(outcome.kind === 'refused' ? outcome.detail : '').toContain('local network');
    expect(shelly.history('Old')).toEqual([]);
  });

  test('is switched off and seen off; silent, it surely was not', async () => {
    const { driver } = await ready();
    shelly.setOutput('Old', 0, true);
    expect(await driver.observe(refOf('Old'), soon())).toMatchObject({ kind: 'relay', on: true });
    await systemClock.sleep(200); // what it still has to tell by itself is no answer
    shelly.setTrouble('Old', { kind: 'timeout-before', where: 'everything' });
    expect(await driver.perform(refOf('Old'), off, soon())).toMatchObject({ kind: 'refused', reason: 'unreachable' });
    shelly.setTrouble('Old', null);
    expect(await driver.perform(refOf('Old'), off, soon())).toMatchObject({
      kind: 'confirmed',
      observation: { on: false },
    });
    expect(output('Old')?.output).toBe(false);
  });
});

test('a broker that sends nonsense is left, and tried again', async () => {
  let dialled = 0;
  const server = net.createServer((socket) => {
    dialled += 1;
    socket.on('error', () => undefined);
    socket.write(randomBytes(512));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { driver } = await drive({ url: `mqtt://127.0.0.1:${port}` });
  expect(await driver.perform(refOf('Washer'), on, soon())).toMatchObject({ kind: 'refused', reason: 'unreachable' });
  await until(() => dialled >= 2);
  await driver.close?.();
  server.close();
}, 20_000);
