import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const asAdmin = (method: string, path: string, body?: unknown) =>
  laundry.call(method, path, { token: laundry.tokens.admin, ...(body === undefined ? {} : { body }) });

test('a connection can be deleted once its devices are', async () => {
  const made = await asAdmin('POST', '/api/connections', {
    vendor: 'shelly-lan',
    devices: [{ address: '127.0.0.1:9' }],
  });
  const device = await asAdmin('POST', '/api/devices', {
    shellyDeviceId: 'shellyplus1pm-gone',
    connectionId: made.body.id,
    locationId: laundry.locationId,
    name: 'Gone',
  });
  expect((await asAdmin('DELETE', `/api/connections/${made.body.id}`)).status).toBe(409);
  expect((await asAdmin('DELETE', `/api/devices/${device.body.id}`)).status).toBe(200);
  expect((await asAdmin('DELETE', `/api/connections/${made.body.id}`)).body).toEqual({ ok: true });
});

test.each(['shelly-2.lan.', '_shelly.lan', 'a b', 'http://x', 'x/y', 'user@x', 'x:99999', ''])(
  'an address that no driver could use is not taken in: %j',
  async (address) => {
    const answer = await asAdmin('PATCH', `/api/connections/${laundry.connectionId}`, { devices: [{ address }] });
    expect(answer.status).toBe(400);
    expect(answer.body.field).toBe('devices[0].address');
    expect((await asAdmin('GET', `/api/connections/${laundry.connectionId}`)).body.devices).toHaveLength(2);
  },
);

test.each(['2026-02-30', '2026-02-30T10:00:00Z', '2026-13-01', '2026-00-10'])('%s is no day', async (day) => {
  const answer = await asAdmin('GET', `/api/payments?from=${day}`);
  expect([answer.status, answer.body.field]).toEqual([400, 'from']);
});

test('staff cannot switch a machine on while a guest is paying for it', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.delayed);
  const answer = await asAdmin('POST', `/api/devices/${laundry.washer.id}/switch`, { on: true });
  expect([answer.status, answer.body.code]).toEqual([409, 'DEVICE_HELD']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(begun.status).toBe(200);
  await laundry.ahead(181_000);
});

test('pages that leave before their events begin leave nothing behind', async () => {
  const { token } = await beginToPay(laundry, laundry.washer.plans.free);
  const path = `/api/public/sessions/${token}/events`;
  const { port } = new URL(laundry.url);
  const cut = () =>
    new Promise<void>((resolve) => {
      const socket = net.connect(Number(port), '127.0.0.1', () => {
        socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`, () => socket.destroy());
      });
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
  await Promise.all(Array.from({ length: 60 }, cut));
  await laundry.clock.sleep(300);
  // twenty at a time may follow one session: none of those places may be taken by the dead
  const leave = new AbortController();
  // the answers are kept: one that nobody holds is cancelled, by the collector of garbage, whenever it likes
  const open = await Promise.all(Array.from({ length: 20 }, () => fetch(laundry.url + path, { signal: leave.signal })));
  const further = await fetch(laundry.url + path, { signal: leave.signal });
  const statuses = [...open, further].map(({ status }) => status);
  leave.abort();
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
});
