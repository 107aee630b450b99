/** Two members of staff, or staff and a guest, at the same moment: both are answered, and nothing is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const rounds = Array.from({ length: 8 }, (_, round) => round);
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status);

describe('what staff changes', () => {
  test('in different parts of the settings is all kept', async () => {
    const parts: Record<string, unknown>[] = [
      { branding: { color: '#112233' } },
      { branding: { headerText: 'Welcome' } },
      { branding: { footerText: 'Goodbye' } },
      { companyName: 'Bright Laundry' },
      { timeZone: 'Europe/Berlin' },
    ];
    const answers = await Promise.all(parts.map((part) => ask(laundry, 'PATCH /api/settings', part)));
    expect(statuses(answers)).toEqual(parts.map(() => 200));
    expect((await ask(laundry, 'GET /api/settings')).body).toMatchObject({
      companyName: 'Bright Laundry',
      timeZone: 'Europe/Berlin',
      branding: { color: '#112233', headerText: 'Welcome', footerText: 'Goodbye' },
    });
  });

  test('in different keys of Stripe is all kept, also where there were none', async () => {
    const token = laundry.tokens.stranger;
    const keys: Record<string, string>[] = [
      { publishableKey: 'pk_test_abcdefgh' },
      { secretKey: 'sk_test_abcdefgh' },
      { webhookSecret: 'whsec_abcdefgh' },
    ];
    const answers = await Promise.all(keys.map((key) => ask(laundry, 'PATCH /api/configs/stripe', key, { token })));
    expect(statuses(answers)).toEqual([200, 200, 200]);
    expect((await ask(laundry, 'GET /api/configs/stripe', undefined, { token })).body).toMatchObject({
      configured: true,
      publishableKey: 'pk_test_abcdefgh',
    });
  });

  test('in the name and in the addresses of a connection is all kept', async () => {
    const { body } = await ask(laundry, 'POST /api/connections', { vendor: 'shelly-lan', devices: [] });
    const path = `PATCH /api/connections/${body.id}`;
    for (const round of rounds) {
      const devices = [{ address: `relay-${round}.lan`, password: 'secret' }];
      const answers = await Promise.all([
        ask(laundry, path, { name: `Name ${round}` }),
        ask(laundry, path, { devices }),
      ]);
      expect(statuses(answers)).toEqual([200, 200]);
      expect((await ask(laundry, `GET /api/connections/${body.id}`)).body).toMatchObject({
        name: `Name ${round}`,
        devices: [{ address: `relay-${round}.lan`, hasPassword: true }],
      });
    }
  });

  test('in the name and the address of a location, and in parts of a plan, is all kept', async () => {
    const plan = '/api/devices/{dryer}/periods/{dryPlan}';
    for (const round of rounds) {
      const answers = await Promise.all([
        ask(laundry, 'PATCH /api/locations/{location}', { name: `Name ${round}` }),
        ask(laundry, 'PATCH /api/locations/{location}', { address: `Street ${round}` }),
        ask(laundry, `PATCH ${plan}`, { price: 100 + round }),
        ask(laundry, `PATCH ${plan}`, { duration: 10 + round }),
      ]);
      expect(statuses(answers)).toEqual([200, 200, 200, 200]);
      expect((await ask(laundry, 'GET /api/locations/{location}')).body).toMatchObject({
        name: `Name ${round}`,
        address: `Street ${round}`,
      });
      const [shown] = (await ask(laundry, 'GET /api/devices/{dryer}/periods')).body;
      expect(shown).toMatchObject({ price: 100 + round, duration: 10 + round });
    }
  });

  test('a device added at a location, or to a connection, that goes away is refused or at none', async () => {
    for (const round of rounds) {
      const [location, connection] = await Promise.all([
        ask(laundry, 'POST /api/locations', { name: 'Short-lived' }),
        ask(laundry, 'POST /api/connections', { vendor: 'shelly-lan', devices: [] }),
      ]);
      const body = {
        shellyDeviceId: `shellyplus1-${round}`,
        locationId: location.body.id,
        connectionId: connection.body.id,
      };
      const [added, moved, noLocation, noConnection] = await Promise.all([
        ask(laundry, 'POST /api/devices', body),
        ask(laundry, 'PATCH /api/devices/{dryer}', { locationId: location.body.id }),
        ask(laundry, `DELETE /api/locations/${location.body.id}`),
        ask(laundry, `DELETE /api/connections/${connection.body.id}`),
      ]);
      expect([200, 400]).toContain(added.status);
      expect([200, 400]).toContain(moved.status);
      expect((await ask(laundry, 'GET /api/devices/{dryer}')).body.locationId).not.toBe(location.body.id);
      expect(noLocation.status).toBe(200);
      expect(noConnection.status).toBe(added.status === 200 ? 409 : 200);
      if (added.status !== 200) continue;
      expect((await ask(laundry, `GET /api/devices/${added.body.id}`)).body.locationId).toBeNull();
    }
  });
});

describe('what a guest pays for', () => {
  test('on a device that staff deleted meanwhile goes back in full, and nothing is switched on', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    expect((await ask(laundry, 'DELETE /api/devices/{washer}')).status).toBe(200);
    expect((await laundry.stripe.pay(begun.checkoutId)).paid).toBe(true);
    const session = await laundry.until('the money went back', async () => {
      await laundry.ahead(500);
      const seen = await sessionOf(laundry, begun.token);
      return seen.refund?.state === 'done' ? seen : null;
    });
    expect(session).toMatchObject({ status: 'CANCELLED', startedAt: null, refund: { amount: 100 } });
    expect(laundry.shelly.history('Washer 1').filter(({ kind }) => kind === 'set')).toEqual([]);
  });
});

test('a device that several of staff delete is deleted once, and written down once', async () => {
  const path = `DELETE /api/devices/${laundry.dryer.id}`;
  const answers = await Promise.all(rounds.map(() => ask(laundry, path)));
  expect(statuses(answers).toSorted((a, b) => a - b)).toEqual([200, ...rounds.slice(1).map(() => 404)]);
  const { rows } = await laundry.app.database.pool.query(
    "select from audit_entries where action = 'device deleted' and entity_id = $1",
    [laundry.dryer.id],
  );
  expect(rows.length).toBe(1);
});
