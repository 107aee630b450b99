import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError } from '../../support/requests.ts';
import { fingerprint } from '../../support/rows.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const cron = (what: string, o: { method?: string; query?: string; headers?: Record<string, string> } = {}) =>
  laundry.call(o.method ?? 'POST', `/api/cron/${what}${o.query ?? ''}`, { headers: o.headers ?? {} });
const bearer = (token = laundry.cronSecret) => ({ authorization: `Bearer ${token}` });

describe.each(['session-cleanup', 'session-reconcile'])('/api/cron/%s', (what) => {
  test('runs by GET and POST, with the secret as Bearer or in the query', async () => {
    const query = `?token=${laundry.cronSecret}`;
    for (const o of [
      { method: 'GET', headers: bearer() },
      { method: 'POST', headers: bearer() },
      { method: 'GET', query },
      { method: 'POST', query, headers: { 'content-type': 'application/json' } },
    ]) {
      const answer = await cron(what, o);
      expect([answer.status, answer.body]).toEqual([200, { ok: true, processed: expect.any(Number) }]);
      expect(Number.isInteger(answer.body.processed)).toBe(true);
    }
  });

  test('refuses everybody else, administrators too, and does nothing', async () => {
    await beginToPay(laundry, laundry.washer.plans.hour);
    const before = await fingerprint(laundry, { except: ['logins'] });
    for (const o of [
      {},
      { method: 'GET' },
      { query: '?token=' },
      { query: '?token=wrong' },
      { query: `?token=${laundry.cronSecret}x` },
      { query: `?TOKEN=${laundry.cronSecret}` },
      { headers: bearer('wrong') },
      { headers: bearer(''), query: '?token=wrong' },
      { headers: { authorization: `Basic ${laundry.cronSecret}` } },
    ]) {
      expectError(await cron(what, o), 401, 'UNAUTHORIZED');
    }
    const head = await fetch(`${laundry.url}/api/cron/${what}`, { method: 'HEAD', headers: bearer() });
    expect(head.status).toBe(405);
    for (const token of Object.values(laundry.tokens)) {
      expectError(await cron(what, { headers: bearer(token) }), 401, 'UNAUTHORIZED');
    }
    expect(await fingerprint(laundry, { except: ['logins'] })).toEqual(before);
    const [session] = (await ask(laundry, 'GET /api/sessions?limit=1')).body;
    await ask(laundry, `PATCH /api/sessions/${session.token}/end`);
  });
});

test('the cleanup ends a session past its end, switches off, and says how many there were', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.free);
  await laundry.ahead(0);
  expect(await sessionOf(laundry, begun.token)).toMatchObject({ state: 'running' });
  expect((await cron('session-cleanup', { headers: bearer() })).body).toEqual({ ok: true, processed: 0 });
  laundry.clock.ahead(121_000);
  await cron('session-cleanup', { headers: bearer() });
  expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'COMPLETED', remainingSeconds: 0 });
  expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
});

test('the reconciliation finds a relay that went off, and switches it on again', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.free);
  await laundry.ahead(0);
  laundry.shelly.setOutput('Washer 1', 0, false);
  laundry.clock.ahead(3000);
  const { body } = await cron('session-reconcile', { headers: bearer() });
  expect(body.processed).toBeGreaterThanOrEqual(1);
  await laundry.ahead(1000);
  expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(true);
  await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
});

test('the reconciliation switches off a relay that nobody asked for', async () => {
  laundry.shelly.setOutput('Dryer', 0, true);
  laundry.clock.ahead(9000);
  const { body } = await cron('session-reconcile', { headers: bearer() });
  expect(body.processed).toBeGreaterThanOrEqual(1);
  expect(laundry.shelly.device('Dryer').channels[0]?.output).toBe(false);
});
