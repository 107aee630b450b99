import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, type Refusal } from '../../support/requests.ts';

/** Friday, 12 June 2026, 12:00 in Berlin. */
const noon = Date.parse('2026-06-12T10:00:00Z');
const hour = 3_600_000;

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false, mail: true, at: noon });
});
beforeEach(async () => {
  laundry.clock.standAt(noon);
  await pool().query('delete from relays');
  await pool().query('delete from wishes');
  await pool().query('delete from wish_refusals');
});
afterEach(async () => {
  await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
  await ask(laundry, 'PATCH /api/locations/{location}', { openingHours: null });
});
afterAll(() => laundry.close());

const pool = () => laundry.app.database.pool;
const wish = (body: unknown, o: { cookie?: string; headers?: Record<string, string> } = {}) =>
  ask(laundry, 'POST /api/public/device/{washerUid}/tell-me', body, { token: null, ...o });
const form = (fields: Record<string, string>, o: { cookie?: string; path?: string } = {}) =>
  laundry.call('POST', o.path ?? `/pay/${laundry.washer.uid}/tell-me`, {
    raw: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
    ...(o.cookie === undefined ? {} : { cookie: o.cookie }),
  });
const page = (cookie?: string, path = `/pay/${laundry.washer.uid}`) =>
  laundry.call('GET', path, { headers: { 'accept-language': 'en' }, ...(cookie === undefined ? {} : { cookie }) });
const rows = async () =>
  (await pool().query('select email, any_alike, language, state from wishes order by created_at, id')).rows;
const cookieOf = (answer: { headers: Headers }) => (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
const guest = (letter: string) => `keystead_hold=${letter.repeat(32)}`;

/** Another guest's run, or what else makes waiting worth while; undone after the test. */
async function inUse(): Promise<void> {
  const { status, token } = await beginToPay(laundry, laundry.washer.plans.free);
  expect(status).toBe(200);
  ends.push(token);
}
const ends: string[] = [];
afterEach(async () => {
  for (const token of ends.splice(0)) await ask(laundry, `PATCH /api/sessions/${token}/end`);
});

describe('a wish for a mail when the machine is free', () => {
  test('is noted for a machine in use, until half a day later', async () => {
    await inUse();
    const answer = await wish({ email: ' guest@example.com ' }, { headers: { 'accept-language': 'de' } });
    expect([answer.status, answer.body]).toEqual([
      200,
      { ok: true, any: false, expiresAt: new Date(noon + 12 * hour).toISOString() },
    ]);
    expect(await rows()).toEqual([{ email: 'guest@example.com', any_alike: false, language: 'de', state: 'waiting' }]);
  });

  test('ends at closing, where that is sooner', async () => {
    const day = [{ opens: '08:00', closes: '20:00' }];
    await ask(laundry, 'PATCH /api/locations/{location}', { openingHours: { kind: 'weekly', friday: day } });
    await inUse();
    const { body } = await wish({ email: 'guest@example.com' });
    expect(body.expiresAt).toBe('2026-06-12T18:00:00.000Z');
  });

  test('is noted while another guest is paying, but not for the one who pays', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    ends.push(begun.token);
    expect((await wish({ email: 'guest@example.com' })).status).toBe(200);
    expectError(await wish({ email: 'payer@example.com' }, { cookie: begun.cookie }), 409, 'CONFLICT');
  });

  test('is noted for a machine that does not answer', async () => {
    laundry.shelly.setFault('Washer 1', 'offline');
    expect((await wish({ email: 'guest@example.com' })).status).toBe(200);
    laundry.shelly.setFault('Washer 1', 'none');
  });

  test('is refused for a machine that is free: it can be used', async () => {
    expectError(await wish({ email: 'guest@example.com' }), 409, 'CONFLICT');
  });

  test('is refused where it is closed, and tells when it opens', async () => {
    const day = [{ opens: '14:00', closes: '20:00' }];
    await ask(laundry, 'PATCH /api/locations/{location}', { openingHours: { kind: 'weekly', friday: day } });
    const answer = await wish({ email: 'guest@example.com' });
    expectError(answer, 409, 'DEVICE_CLOSED');
    expect(answer.body).toMatchObject({ reason: 'closed', opensAt: '2026-06-12T12:00:00.000Z' });
  });

  test('is refused in maintenance, and where nothing is for sale any more', async () => {
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE' });
    const refused = await wish({ email: 'guest@example.com' });
    expectError(refused, 409, 'DEVICE_UNAVAILABLE');
    expect(refused.body.reason).toBe('maintenance');
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
    await inUse();
    const day = [{ opens: '08:00', closes: '12:01' }];
    await ask(laundry, 'PATCH /api/locations/{location}', { openingHours: { kind: 'weekly', friday: day } });
    await ask(laundry, 'PATCH /api/devices/{washer}/periods/{now}', { active: false });
    const late = await wish({ email: 'guest@example.com' });
    expectError(late, 409, 'DEVICE_UNAVAILABLE');
    expect(late.body.reason).toBe('not-for-sale');
    await ask(laundry, 'PATCH /api/devices/{washer}/periods/{now}', { active: true });
  });

  const url = 'POST /api/public/device/{washerUid}/tell-me';
  test.each<Refusal>([
    ['no body', url, undefined, 400, 'VALIDATION_ERROR', 'body'],
    ['no address', url, {}, 400, 'VALIDATION_ERROR', 'email'],
    ['an empty address', url, { email: ' ' }, 400, 'VALIDATION_ERROR', 'email'],
    ['no such address', url, { email: 'me@nowhere' }, 400, 'VALIDATION_ERROR', 'email'],
    ['two addresses', url, { email: 'a@x.example, b@x.example' }, 400, 'VALIDATION_ERROR', 'email'],
    ['a header in it', url, { email: 'a@x.example\r\nBcc: b@x.example' }, 400, 'VALIDATION_ERROR', 'email'],
    ['any is no boolean', url, { email: 'a@x.example', any: 'yes' }, 400, 'VALIDATION_ERROR', 'any'],
    ['a field too many', url, { email: 'a@x.example', to: 'b' }, 400, 'VALIDATION_ERROR', 'to'],
    ['no such device', 'POST /api/public/device/nothing/tell-me', { email: 'a@x.example' }, 404, 'NOT_FOUND'],
  ])('is refused: %s', async (...row) => {
    await inUse();
    await expectRefused(laundry, row, { token: null });
  });

  test('belongs to the browser: asking again changes its address and keeps its place', async () => {
    await inUse();
    await wish({ email: 'typo@example.con' }, { cookie: guest('a') });
    laundry.clock.ahead(1000);
    await wish({ email: 'other@example.com' }, { cookie: guest('b') });
    laundry.clock.ahead(1000);
    await wish({ email: 'right@example.com' }, { cookie: guest('a') });
    expect((await rows()).map(({ email }) => email)).toEqual(['right@example.com', 'other@example.com']);
  });

  test('is answered alike whether or not others asked for this address', async () => {
    await inUse();
    const first = await wish({ email: 'known@example.com' }, { cookie: guest('a') });
    const second = await wish({ email: 'KNOWN@example.com' }, { cookie: guest('b') });
    const stranger = await wish({ email: 'unknown@example.com' }, { cookie: guest('c') });
    for (const answer of [second, stranger]) expect([answer.status, answer.body]).toEqual([200, first.body]);
    const names = (answer: { headers: Headers }) => [...answer.headers.keys()].sort();
    expect(names(second)).toEqual(names(stranger));
    const html = (await page(guest('b'))).text.replaceAll(/nonce="[^"]*"/g, '');
    expect((await page(guest('c'))).text.replaceAll(/nonce="[^"]*"/g, '')).toBe(html);
    expect(html).not.toMatch(/known@example/i);
  });
});

describe('against abuse', () => {
  test('one browser waits at five machines at most', async () => {
    await inUse();
    await wish({ email: 'guest@example.com' }, { cookie: guest('a') });
    for (let n = 0; n < 5; n++) await copyOf(n, { device_id: await otherMachine(n) });
    await pool().query('delete from wishes where device_id = $1', [laundry.washer.id]);
    const sixth = await wish({ email: 'guest@example.com' }, { cookie: guest('a') });
    expectError(sixth, 429, 'RATE_LIMITED');
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await wish({ email: 'guest@example.com' }, { cookie: guest('b') })).status).toBe(200);
  });

  test('thirty wishes an hour come from one network address', async () => {
    await inUse();
    for (let n = 0; n < 30; n++) expect((await wish({ email: `g${n}@example.com` })).status).toBe(200);
    expectError(await wish({ email: 'more@example.com' }), 429, 'RATE_LIMITED');
    laundry.clock.ahead(hour + 1);
    expect((await wish({ email: 'more@example.com' })).status).toBe(200);
  });

  test('fifty wait at a machine', async () => {
    await inUse();
    await wish({ email: 'first@example.com' });
    const others = Array.from({ length: 49 }, (_, n) => n);
    for (const n of others) await copyOf(n, { holder_hash: `\\x${n.toString(16).padStart(8, '0')}` });
    expectError(await wish({ email: 'more@example.com' }), 429, 'RATE_LIMITED');
  });

  /** The first wish once more, changed so. */
  async function copyOf(n: number, change: Record<string, string>): Promise<void> {
    const own = { id: `wish_${n}`, token_hash: `\\x${(n + 1).toString(16).padStart(8, '0')}`, ip_hash: '\\x00' };
    await pool().query(
      `insert into wishes select (jsonb_populate_record(w, $1)).* from (select w from wishes w order by created_at limit 1) x`,
      [JSON.stringify({ ...own, ...change })],
    );
  }
  async function otherMachine(n: number): Promise<string> {
    const body = {
      shellyDeviceId: `shelly-nowhere-${n}`,
      connectionId: laundry.connectionId,
      locationId: laundry.locationId,
      name: `Other ${n}`,
    };
    return String((await ask(laundry, 'POST /api/devices', body)).body.id);
  }
});

describe('the form, without a script', () => {
  test('is a link on the page of a machine in use, opens, and the page says that it is noted', async () => {
    await inUse();
    const cookie = cookieOf(await page());
    const first = await page(cookie);
    expect(first.text).toContain(`href="/pay/${laundry.washer.uid}/tell-me#wish"`);
    expect(first.text).toContain('http-equiv="refresh"');
    const open = await page(cookie, `/pay/${laundry.washer.uid}/tell-me`);
    expect(open.text).toContain('name="email"');
    expect(open.text).not.toContain('http-equiv="refresh"'); // it would take away what is being typed
    const sent = await form({ email: 'guest@example.com' }, { cookie });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/pay/${laundry.washer.uid}`]);
    const noted = await page(cookie);
    expect(noted.text).toContain('We send you one mail when Washer 1 is free');
    expect(noted.text).not.toContain('guest@example.com');
    expect((await page()).text).not.toContain('We send you one mail');
  });

  test('is taken back where it was left, and nowhere else', async () => {
    await inUse();
    await form({ email: 'guest@example.com' }, { cookie: guest('a') });
    const path = `/pay/${laundry.washer.uid}/tell-me/back`;
    expect((await form({}, { cookie: guest('b'), path })).status).toBe(303);
    expect(await rows()).toMatchObject([{ state: 'waiting' }]);
    expect((await form({}, { cookie: guest('a'), path })).status).toBe(303);
    expect(await rows()).toEqual([{ email: null, any_alike: false, language: 'en', state: 'stopped' }]);
  });

  test('tells what is the matter with the address, and keeps it', async () => {
    await inUse();
    const answer = await form({ email: '"><b>me@nowhere' }, { cookie: guest('a') });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Please check the e-mail address.');
    expect(answer.text).toContain('value="&quot;&gt;&lt;b&gt;me@nowhere"');
    expect(await rows()).toEqual([]);
  });

  test('leads back to the page where there is nothing to wait for any more', async () => {
    const answer = await form({ email: 'guest@example.com' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/pay/${laundry.washer.uid}`]);
    expect((await page(undefined, `/pay/${laundry.washer.uid}/tell-me`)).text).toContain('Ready to use');
  });

  test('is not offered for a free, closed or maintained machine', async () => {
    expect((await page()).text).not.toContain('tell-me');
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE' });
    expect((await page()).text).not.toContain('tell-me');
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
    await inUse();
    await ask(laundry, 'PATCH /api/locations/{location}', { openingHours: { kind: 'closed' } });
    expect((await page()).text).not.toContain('tell-me');
  });

  test('of nothing is not found', async () => {
    expect((await form({ email: 'a@x.example' }, { path: '/pay/nothing/tell-me' })).status).toBe(404);
    expect((await form({}, { path: '/pay/nothing/tell-me/back' })).status).toBe(404);
    for (const method of ['GET', 'POST']) {
      const path = `/pay/${laundry.washer.uid}/tell-me/${'x'.repeat(32)}`;
      expect((await laundry.call(method, path)).status).toBe(404);
    }
  });
});
