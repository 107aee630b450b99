import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker } from '../../simulators/mqtt/start.ts';
import type { ConnectionId } from '../../src/rules/ids.ts';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { watchCommits } from '../support/commits.ts';
import { type FarMachine, type FarPlace, openBrokerPlace } from '../support/far-machines.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

/** Relays on a broker, through the whole server. */
let laundry: Laundry;
let place: FarPlace & { broker: { stop(): Promise<void>; start(): Promise<void>; url: string } };
let washer: FarMachine;

beforeAll(async () => {
  laundry = await openLaundry();
  place = await openBrokerPlace(laundry, {
    devices: [
      { name: 'Far washer', load: { watts: 2000 }, password: 'far-password' },
      { name: 'Old dryer', load: { watts: 2400 } },
    ],
  });
  washer = await place.add('Far washer');
});
afterAll(async () => {
  await place.close();
  await laundry.close();
});

const staff = (method: string, path: string, body?: unknown) =>
  laundry.call(method, path, { token: laundry.tokens.admin, ...(body === undefined ? {} : { body }) });
const relay = () => place.shelly.device('Far washer').channels[0];
const known = async (id = washer.id) =>
  (await laundry.app.services.relays.findAll(await organization(), [id as never])).get(id as never);
const organization = async () => {
  const first = await laundry.app.services.organizations.first();
  if (first === null) throw new Error('There is no organization');
  return first.id;
};
const phase = (bought: Bought, wanted: string) =>
  laundry.until(wanted, async () => (await bought.session()).phase === wanted);
const notices = async (kind: string) =>
  (await staff('GET', '/api/notices')).body.filter((one: { kind: string }) => one.kind === kind);

describe('a relay of generation 2 on a broker', () => {
  test('carries a whole purchase: on with its own timer, off at the end, the money kept', async () => {
    const bought = await buy(laundry, { uid: washer.uid, plan: washer.plan });
    await phase(bought, 'running');
    const set = place.shelly.history('Far washer').find(({ kind }) => kind === 'set');
    expect(set).toMatchObject({ on: true, toggleAfter: 3600 });
    expect(relay()).toMatchObject({ output: true, timerDuration: 3600 });
    await laundry.ahead(60 * 60_000);
    await phase(bought, 'completed');
    expect(relay()?.output).toBe(false);
    await expectMoneyAddsUp(laundry, bought, 250);
  });

  test('that somebody switches by hand is known at once, without being asked', async () => {
    await laundry.until('known off', async () => (await known())?.output === 'off');
    await laundry.until('nothing of the run under way', async () => {
      const { rowCount } = await laundry.app.database.pool.query('select from commands where outcome is null');
      return rowCount === 0;
    });
    const commits = watchCommits(laundry);
    place.shelly.setOutput('Far washer', 0, true);
    await laundry.until('off again: nobody had asked for it', () => relay()?.output === false);
    commits.stop();
    expect(commits.names).toContain('relay-told');
  });

  test('that goes off in a run is switched on again for the rest of its time', async () => {
    await laundry.ahead(4000);
    const bought = await buy(laundry, { uid: washer.uid, plan: washer.plan });
    await phase(bought, 'running');
    place.shelly.setOutput('Far washer', 0, false);
    await laundry.until('on again', () => relay()?.output === true && (relay()?.timerDuration ?? 0) > 3000);
    await laundry.until('told in the record', async () => {
      const { rowCount } = await laundry.app.database.pool.query(
        `select from audit_entries where action = 'session recovered' and entity_id = $1`,
        [(await bought.session()).id],
      );
      return rowCount === 1;
    });
    await staff('POST', `/api/devices/${washer.id}/force-off`);
    await phase(bought, 'cancelled');
  });

  test('that is unplugged and plugged in again is told of by the broker', async () => {
    place.shelly.setFault('Far washer', 'offline');
    await laundry.until('out of sight', async () => (await known())?.unreachable_since != null);
    place.shelly.setFault('Far washer', 'none');
    await laundry.until('back', async () => (await known())?.unreachable_since === null);
  });
});

describe('a relay of generation 1 on a broker', () => {
  test('is listed, read and switched off, and never switched on: it takes no timer', async () => {
    const { id: hardwareId } = place.shelly.device('Old dryer');
    await laundry.until('in sight', async () => {
      const { body } = await staff('GET', `/api/connections/${place.connectionId}/hardware`);
      return body.some(
        (one: { shellyDeviceId: string; online: boolean }) => one.shellyDeviceId === hardwareId && one.online,
      );
    });
    const { connectionId } = place;
    const body = { shellyDeviceId: hardwareId, connectionId, locationId: laundry.locationId, name: 'Old dryer' };
    const added = await staff('POST', '/api/devices', body);
    expect([added.status, added.body.field]).toEqual([400, 'shellyDeviceId']); // it could be sold, and never started
    const moved = await staff('PATCH', `/api/devices/${washer.id}`, { shellyDeviceId: hardwareId });
    expect([moved.status, moved.body.field, moved.body.error]).toEqual([400, 'shellyDeviceId', added.body.error]);
    place.shelly.setOutput('Old dryer', 0, true);
    const { hardware, organizations } = laundry.app.services;
    const organizationId = (await organizations.first())?.id;
    if (organizationId === undefined) throw new Error('There is no organization');
    const ref = { organizationId, connectionId: connectionId as ConnectionId, hardwareId, channel: 0 };
    const never = new AbortController().signal;
    const on = await hardware.perform(ref, { kind: 'switch-on', autoOffSeconds: 60 }, never);
    expect(on).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    const sets = () => place.shelly.history('Old dryer').filter(({ kind }) => kind === 'set');
    expect(sets().filter((one) => one.on)).toEqual([]);
    expect(await hardware.perform(ref, { kind: 'switch-off' }, never)).toMatchObject({ kind: 'confirmed' });
    expect(place.shelly.device('Old dryer').channels[0]?.output).toBe(false);
  });
});

test('a relay that does not answer is listed offline beside those that do, of whatever generation', async () => {
  const test1 = async () => (await staff('POST', `/api/connections/${place.connectionId}/test`)).body;
  await laundry.until('both there', async () => (await test1()).ok);
  place.shelly.setFault('Far washer', 'offline');
  const away = await laundry.until('one is gone', async () => {
    const found = await test1();
    return !found.ok && found;
  });
  expect(away).toEqual({
    ok: false,
    online: 1,
    offline: 1,
    error: expect.stringMatching(/^The broker answers, but 1 of 2 relays on it do not: .*RPC over MQTT/),
    fault: 'device',
  });
  const listed = await staff('GET', `/api/connections/${place.connectionId}/hardware`);
  expect(listed.body).toContainEqual(
    expect.objectContaining({ shellyDeviceId: washer.hardwareId, online: false, deviceId: washer.id }),
  );
  place.shelly.setFault('Far washer', 'none');
  await laundry.until('both there again', async () => (await test1()).ok);
});

test('a device whose relay the broker has forgotten is listed offline', async () => {
  const { connectionId } = place;
  const body = { shellyDeviceId: 'shellyplus1-0badc0ffee00', connectionId, locationId: laundry.locationId };
  const added = await staff('POST', '/api/devices', { ...body, name: 'Lost washer' });
  const listed = await staff('GET', `/api/connections/${connectionId}/hardware`);
  expect(listed.body).toContainEqual(
    expect.objectContaining({ shellyDeviceId: body.shellyDeviceId, online: false, deviceId: added.body.id }),
  );
  const tested = await staff('POST', `/api/connections/${connectionId}/test`);
  expect(tested.body).toMatchObject({ ok: false, online: 2, offline: 1, fault: 'device' });
  expect(tested.body.error).toContain('Lost washer');
  await staff('DELETE', `/api/devices/${added.body.id}`);
});

test('a broker on which no relay was ever heard of fails its test, and says what is to be done', async () => {
  const lonely = await startBroker();
  const made = await staff('POST', '/api/connections', { vendor: 'shelly-mqtt', url: lonely.url, name: 'Lonely' });
  const tested = await staff('POST', `/api/connections/${made.body.id}/test`);
  expect(tested.body).toEqual({
    ok: false,
    online: 0,
    offline: 0,
    error: expect.stringMatching(/^The broker answers, but no relay has been heard of on it\. In each relay/),
    fault: 'device',
  });
  await staff('DELETE', `/api/connections/${made.body.id}`);
  await lonely.close();
});

test('a password that the broker does not take is our fault, and one that a relay does not take is named', async () => {
  const seat = { vendor: 'shelly-mqtt', url: place.broker.url, username: 'keystead' };
  const test1 = async (more: object) => {
    const made = await staff('POST', '/api/connections', { ...seat, ...more });
    const tested = await staff('POST', `/api/connections/${made.body.id}/test`);
    await staff('DELETE', `/api/connections/${made.body.id}`);
    expect(tested.body).toMatchObject({ ok: false, fault: 'ours' });
    return tested.body.error;
  };
  expect(await test1({ password: 'guessed' })).toMatch(/^The broker does not accept the user name and password/);
  const words = await test1({ password: 'broker-password', devicePassword: 'guessed' });
  expect(words).toMatch(/does not accept the password that is set here/);
  expect(words).toContain(washer.hardwareId);
});

describe('the broker', () => {
  test('is shown without its password, and tested', async () => {
    const shown = await staff('GET', `/api/connections/${place.connectionId}`);
    expect(shown.body).toMatchObject({
      vendor: 'shelly-mqtt',
      url: place.broker.url,
      username: 'keystead',
      hasPassword: true,
      devicePasswords: [washer.hardwareId],
    });
    expect(shown.text).not.toContain('-password"');
    const tested = await staff('POST', `/api/connections/${place.connectionId}/test`);
    expect(tested.body).toEqual({ ok: true, online: 2, offline: 0, error: null, fault: null });
  });

  test('that is away is a notice and a reason, and no notice any more when it is back', async () => {
    await place.broker.stop();
    const tested = await staff('POST', `/api/connections/${place.connectionId}/test`);
    expect(tested.body.ok).toBe(false);
    expect(tested.body.error).toContain('The broker 127.0.0.1');
    expect(await notices('broker-down')).toEqual([]);
    await laundry.ahead(11_000);
    const [notice] = await laundry.until('the notice', async () => {
      const found = await notices('broker-down');
      return found.length > 0 && found;
    });
    expect(notice).toMatchObject({ subject: { type: 'connection', id: place.connectionId } });
    const switched = await staff('POST', `/api/devices/${washer.id}/switch`, { on: true });
    expect([switched.status, switched.body.reason]).toEqual([502, 'unreachable']);
    await place.broker.start();
    await laundry.until('no notice', async () => (await notices('broker-down')).length === 0);
    await laundry.until('the relay in sight', async () => {
      const list = await staff('GET', `/api/connections/${place.connectionId}/hardware`);
      return list.status === 200 && list.body.filter((one: { online: boolean }) => one.online).length === 2;
    });
  });
});
