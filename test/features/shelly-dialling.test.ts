import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { watchCommits } from '../support/commits.ts';
import { type FarMachine, type FarPlace, openDialPlace } from '../support/far-machines.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

/** Relays behind NAT that dial us, through the whole server; and whoever else has, or guesses, the address they dial. */
let laundry: Laundry;
let place: FarPlace;
let washer: FarMachine;
const open = new Set<WebSocket>();

beforeAll(async () => {
  laundry = await openLaundry();
  place = await openDialPlace(laundry);
  washer = await place.add('Far washer');
});
afterEach(() => {
  for (const socket of open) socket.terminate();
  open.clear();
});
afterAll(async () => {
  await place.close();
  await laundry.close();
});

const staff = (method: string, path: string, body?: unknown) =>
  laundry.call(method, path, { token: laundry.tokens.admin, ...(body === undefined ? {} : { body }) });
const relay = () => place.shelly.device('Far washer').channels[0];
const phase = (bought: Bought, wanted: string) =>
  laundry.until(wanted, async () => (await bought.session()).phase === wanted);
const hardware = async (): Promise<{ shellyDeviceId: string; online: boolean }[]> =>
  (await staff('GET', `/api/connections/${place.connectionId}/hardware`)).body;

type Dialled = {
  opened: boolean;
  status: number | null;
  heard: string[];
  closed: () => { why: string } | null;
  socket: WebSocket;
};
/** Somebody dials, and says nothing yet. */
async function dial(url = place.dialUrl): Promise<Dialled> {
  const socket = new WebSocket(url);
  open.add(socket);
  const heard: string[] = [];
  let end: { why: string } | null = null;
  let status: number | null = null;
  socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
  socket.on('close', (_, why) => {
    end = { why: String(why) };
  });
  const opened = await new Promise<boolean>((resolve) => {
    socket.on('open', () => resolve(true));
    socket.on('unexpected-response', (_, response) => {
      status = response.statusCode ?? null;
      resolve(false);
    });
    socket.on('error', () => resolve(false));
  });
  return { opened, status, heard, closed: () => end, socket };
}
const full = (src: string, on = false) =>
  JSON.stringify({ src, method: 'NotifyFullStatus', params: { ts: 1, 'switch:0': { id: 0, output: on } } });
const gone = (one: Dialled) => laundry.until('cut off', () => one.closed());

describe('a relay that dials us', () => {
  test('carries a whole purchase: on with its own timer, off at the end, the money kept', async () => {
    const bought = await buy(laundry, { uid: washer.uid, plan: washer.plan });
    await phase(bought, 'running');
    expect(relay()).toMatchObject({ output: true, timerDuration: 3600 });
    await laundry.ahead(60 * 60_000);
    await phase(bought, 'completed');
    expect(relay()?.output).toBe(false);
    await expectMoneyAddsUp(laundry, bought, 250);
  });

  test('that somebody switches by hand is known at once, without being asked', async () => {
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

  test('that a run lost sight of is seen again as soon as it has dialled again', async () => {
    await laundry.ahead(4000);
    const bought = await buy(laundry, { uid: washer.uid, plan: washer.plan });
    await phase(bought, 'running');
    place.shelly.setFault('Far washer', 'offline');
    await laundry.until('out of sight', async () => (await bought.session()).run.unreachableSince !== null);
    const offline = await staff('GET', `/api/connections/${place.connectionId}/hardware`);
    expect(offline.body).toContainEqual(expect.objectContaining({ shellyDeviceId: washer.hardwareId, online: false }));
    place.shelly.setFault('Far washer', 'none');
    await laundry.until('seen again', async () => (await bought.session()).run.unreachableSince === null);
    expect(relay()?.output).toBe(true);
    await staff('POST', `/api/devices/${washer.id}/force-off`);
    await phase(bought, 'cancelled');
  });

  test('that hangs up in the middle of a switch may have switched: said so, and found out', async () => {
    place.shelly.setTrouble('Far washer', { kind: 'cut-off', where: 'switching' });
    const answer = await staff('POST', `/api/devices/${washer.id}/switch`, { on: true });
    expect([answer.status, answer.body.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    place.shelly.setTrouble('Far washer', null);
    await laundry.until('back', async () => (await hardware()).every(({ online }) => online));
    expect((await staff('POST', `/api/devices/${washer.id}/switch`, { on: false })).body).toEqual({ on: false });
  });
});

test('relays stay linked while their connection is given another name alone', async () => {
  await laundry.until('all there', async () => (await hardware()).every(({ online }) => online));
  const links = async () =>
    (await laundry.app.database.pool.query('select hardware_id, changed_at from device_links order by 1')).rows;
  const before = await links();
  expect((await staff('PATCH', `/api/connections/${place.connectionId}`, { name: 'Beach' })).body.name).toBe('Beach');
  expect((await hardware()).map(({ online }) => online)).toEqual([true, true]); // asked through the driver as it is now
  expect(await links()).toEqual(before);
});

test('relays that have dialled in before, and none of which is there now, are offline by name', async () => {
  const test1 = async () => (await staff('POST', `/api/connections/${place.connectionId}/test`)).body;
  await laundry.until('all there', async () => (await test1()).ok);
  place.shelly.setFault('Far washer', 'offline');
  const some = await laundry.until('one is gone', async () => {
    const found = await test1();
    return found.offline === 1 && found;
  });
  expect(some).toEqual({
    ok: false,
    online: 1,
    offline: 1,
    error: expect.stringMatching(/^1 of 2 relays are not connected now: .*power/),
    fault: 'device',
  });
  place.shelly.setFault('Far dryer', 'offline');
  const none = await laundry.until('none is there', async () => {
    const found = await test1();
    return found.offline === 2 && found;
  });
  expect(none).toMatchObject({ ok: false, online: 0, fault: 'device' });
  expect(none.error).toContain(place.dialUrl);
  for (const name of ['Far washer', 'Far dryer']) place.shelly.setFault(name, 'none');
  await laundry.until('all there again', async () => (await test1()).ok);
});

test('a relay whose password is not the one that is set here is named, and the fault is ours', async () => {
  const set = (password: string) =>
    staff('PATCH', `/api/connections/${place.connectionId}`, {
      devicePasswords: [{ deviceId: washer.hardwareId, password }],
    });
  const test1 = async () => (await staff('POST', `/api/connections/${place.connectionId}/test`)).body;
  await set('not-this-one');
  const refused = await laundry.until('both have dialled again', async () => {
    const found = await test1();
    return found.online === 1 && found.fault === 'ours' && found;
  });
  expect(refused).toMatchObject({ ok: false, offline: 1 });
  expect(refused.error).toMatch(/^Far washer does not accept the password that is set here/);
  await set('far-password');
  await laundry.until('all there again', async () => (await test1()).ok);
});

describe('the address that devices dial', () => {
  test('is shown whole to administrators, masked in lists, and is never logged', async () => {
    const secret = place.dialUrl.split('/').at(-1) ?? '';
    expect(place.dialUrl).toBe(`${laundry.url.replace('http', 'ws')}/api/inbound/shelly/${secret}`);
    expect((await staff('GET', `/api/connections/${place.connectionId}`)).body.dialUrl).toBe(place.dialUrl);
    const list = await staff('GET', '/api/connections');
    expect(list.text).not.toContain(secret);
    expect(list.text).toContain(secret.slice(-4));
    const asOperator = await laundry.call('GET', '/api/connections', { token: laundry.tokens.operator });
    expect(asOperator.status).toBe(403);
    await laundry.call('GET', `/api/inbound/shelly/${secret}`);
    expect(laundry.logged()).not.toContain(secret);
    const { rows } = await laundry.app.database.pool.query('select string_agg(x::text, $1) as all from directory x', [
      '',
    ]);
    expect(rows[0].all).not.toContain(secret);
  });

  test('lets nobody in who does not know it', async () => {
    const wrong = place.dialUrl.replace(/.{32}$/, 'A'.repeat(32));
    expect(await dial(wrong)).toMatchObject({ opened: false, status: 404 });
    expect(await dial(place.dialUrl.slice(0, -1))).toMatchObject({ opened: false, status: 404 });
    expect(await dial(`${laundry.url.replace('http', 'ws')}/api/devices`)).toMatchObject({
      opened: false,
      status: 404,
    });
  });

  test('can be renewed: the old one is dead at once, also for whoever hangs on it', async () => {
    const { body } = await staff('POST', '/api/connections', { vendor: 'shelly-websocket', name: 'Cellar' });
    const device = await dial(body.dialUrl);
    const renewed = await staff('POST', `/api/connections/${body.id}/renew`);
    expect(renewed.body.dialUrl).not.toBe(body.dialUrl);
    await gone(device);
    expect(await dial(body.dialUrl)).toMatchObject({ opened: false, status: 404 });
    expect(await dial(renewed.body.dialUrl)).toMatchObject({ opened: true });
    expect((await staff('DELETE', `/api/connections/${body.id}`)).body).toEqual({ ok: true });
    expect(await dial(renewed.body.dialUrl)).toMatchObject({ opened: false, status: 404 });
    expect((await staff('POST', `/api/connections/${laundry.connectionId}/renew`)).status).toBe(409);
  });
});

describe('somebody who has the address', () => {
  test('cannot push a living device aside by claiming its id', async () => {
    const rogue = await dial();
    rogue.socket.on('message', (data: Buffer) => {
      const { id, src } = JSON.parse(data.toString('utf8'));
      rogue.socket.send(JSON.stringify({ id, src: washer.hardwareId, dst: src, result: { id: washer.hardwareId } }));
    });
    rogue.socket.send(full(washer.hardwareId, true));
    expect((await gone(rogue)).why).toContain('is here already');
    expect((await staff('POST', `/api/devices/${washer.id}/switch`, { on: true })).body).toEqual({ on: true });
    expect(relay()).toMatchObject({ output: true, timerDuration: 900 });
    expect((await staff('POST', `/api/devices/${washer.id}/switch`, { on: false })).body).toEqual({ on: false });
  });

  test('is cut off when it speaks for two devices, or does not answer as the one it says it is', async () => {
    const two = await dial();
    two.socket.send(full('shellyplus1-aaaaaaaaaaaa'));
    two.socket.send(full('shellyplus1-bbbbbbbbbbbb'));
    expect((await gone(two)).why).toContain('one socket speaks for one device');
    const mute = await dial();
    mute.socket.send(full('shellyplus1-cccccccccccc'));
    expect((await gone(mute)).why).toContain('does not answer');
    expect((await hardware()).map(({ shellyDeviceId }) => shellyDeviceId).sort()).toEqual(
      place.shelly
        .devices()
        .map(({ id }) => id)
        .sort(),
    );
  });

  test('is cut off for huge frames, for bytes, and for a flood; garbage is passed over', async () => {
    const huge = await dial();
    huge.socket.send('x'.repeat(100_000));
    await gone(huge);
    const bytes = await dial();
    bytes.socket.send(Buffer.from([1, 2, 3]));
    await gone(bytes);
    const flood = await dial();
    for (let n = 0; n < 2000; n++) flood.socket.send('{}');
    await gone(flood);
    const garbage = await dial();
    for (const text of ['', '{', 'null', '[]', '{"id":1}', '{"src":7,"method":"NotifyStatus","params":{}}', '"x"']) {
      garbage.socket.send(text);
    }
    garbage.socket.send(JSON.stringify({ id: 1, src: 'x', result: { was_on: true } }));
    await laundry.clock.sleep(200);
    expect(garbage.closed()).toBeNull();
    expect((await laundry.call('GET', '/healthz')).status).toBeLessThan(500);
  });

  test('changes nothing for machines of other connections', async () => {
    const victim = laundry.shelly.device('Washer 1').id;
    const rogue = await dial();
    rogue.socket.on('message', (data: Buffer) => {
      const { id, method } = JSON.parse(data.toString('utf8'));
      const result = method === 'Shelly.GetDeviceInfo' ? { id: victim } : { 'switch:0': {} };
      rogue.socket.send(JSON.stringify({ id, src: victim, result }));
    });
    rogue.socket.send(full(victim, true));
    await laundry.until('in the list', async () => (await hardware()).some((one) => one.shellyDeviceId === victim));
    rogue.socket.send(
      JSON.stringify({ src: victim, method: 'NotifyStatus', params: { 'switch:0': { id: 0, output: true } } }),
    );
    await laundry.clock.sleep(300);
    const { rows } = await laundry.app.database.pool.query('select output from relays where device_id = $1', [
      laundry.washer.id,
    ]);
    expect(rows[0]?.output).not.toBe('on');
  });
});

test('a device that tells a hundred things a second writes few of them down', async () => {
  const id = 'shellyplus1-dddddddddddd';
  const chatty = await dial();
  let on = false;
  chatty.socket.on('message', (data: Buffer) => {
    const { id: number, method } = JSON.parse(data.toString('utf8'));
    const status = { id: 0, output: on };
    const result =
      method === 'Shelly.GetDeviceInfo' ? { id } : method === 'Shelly.GetStatus' ? { 'switch:0': status } : status;
    chatty.socket.send(JSON.stringify({ id: number, src: id, result }));
  });
  chatty.socket.send(full(id));
  await laundry.until('in the list', async () => (await hardware()).some((one) => one.shellyDeviceId === id));
  const body = { shellyDeviceId: id, connectionId: place.connectionId, locationId: laundry.locationId, name: 'Chatty' };
  const device = (await staff('POST', '/api/devices', body)).body.id;
  const commits = watchCommits(laundry);
  for (let n = 1; n <= 100; n++) {
    on = n % 2 === 1;
    const params = { ts: 10 + n, 'switch:0': { id: 0, output: on, source: `n${n}` } };
    chatty.socket.send(JSON.stringify({ src: id, method: 'NotifyStatus', params }));
    await laundry.clock.sleep(10);
  }
  await laundry.until('the last word', async () => {
    const { rows } = await laundry.app.database.pool.query('select output from relays where device_id = $1', [device]);
    return rows[0]?.output === 'off';
  });
  commits.stop();
  const written = commits.names.filter((name) => name === 'relay-told').length;
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(30);
});
