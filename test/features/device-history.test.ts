import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceId, OrganizationId } from '../../src/rules/ids.ts';
import { buy, expectMoneyAddsUp } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { ask, expectError, instant } from '../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterEach(async () => {
  for (const name of ['Washer 1', 'Dryer']) laundry.shelly.setFault(name, 'none');
  await laundry.ahead(4000);
});
afterAll(() => laundry.close());

const round = async () => {
  laundry.clock.ahead(21_000);
  await laundry.app.rounds.cron.reconcile();
};
const nobody = { token: null };
const instantOf = (at: number | null): string => new Date(at ?? 0).toISOString();
const timeline = async (query = '', o: Parameters<typeof ask>[3] = {}) =>
  (await ask(laundry, `GET /api/devices/{washer}/timeline${query}`, undefined, o)).body;
const open = async () => (await ask(laundry, 'GET /api/notices?kind=relay-on-without-session')).body;
type Line = { id: string; kind: string; at: string; event?: string; command?: string; action?: string };
const words = ({ kind, event, command, action }: Line): string =>
  [kind, event ?? command ?? action ?? ''].join(' ').trim();

describe('a relay that is found on without a session', () => {
  test('is a notice with what is known of it, and over when it is seen off', async () => {
    await round();
    laundry.shelly.setFault('Washer 1', 'refuses');
    laundry.shelly.setOutput('Washer 1', 0, true);
    await round();
    expect(await open()).toMatchObject([
      {
        severity: 'needs-action',
        title: 'Washer 1: found on without a session',
        text: expect.stringMatching(/^On since .*; nobody asked for it. It draws \d+ W. Switched last by: \w/),
        facts: { since: instant, watts: expect.any(Number), source: expect.any(String) },
        subject: { type: 'device', id: laundry.washer.id },
      },
    ]);
    await round();
    expect((await open()).length).toBe(1); // told once, however often it is tried
    laundry.shelly.setFault('Washer 1', 'none');
    await round();
    expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
    expect(await open()).toEqual([]);
  });

  test('is also told when switching it off worked at once', async () => {
    laundry.clock.ahead(20 * 60_000);
    await round();
    laundry.shelly.setOutput('Washer 1', 0, true);
    await round();
    expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
    expect(await open()).toEqual([]);
    const [told] = (await ask(laundry, 'GET /api/notices?open=false&kind=relay-on-without-session')).body;
    expect(told).toMatchObject({ clearedAt: instant, repeated: 1 });
  });

  test('is none while staff has it on, nor in the moment after', async () => {
    const before = (await ask(laundry, 'GET /api/notices?open=false')).body.length;
    laundry.clock.ahead(20 * 60_000);
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: true, minutes: 1 });
    await round();
    laundry.shelly.setFault('Washer 1', 'refuses');
    laundry.clock.ahead(41_000);
    await laundry.app.rounds.cron.reconcile();
    expect((await ask(laundry, 'GET /api/notices?open=false')).body.length).toBe(before);
  });
});

test('a device that is deleted, or gets other hardware, leaves no notice behind', async () => {
  const spare = { shellyDeviceId: 'shellyplus1-gone', connectionId: '{connection}', locationId: '{location}' };
  const { body: device } = await ask(laundry, 'POST /api/devices', spare);
  const offline = async () => (await ask(laundry, `GET /api/notices?deviceId=${device.id}`)).body.length;
  await round();
  expect(await offline()).toBe(1);
  await ask(laundry, `PATCH /api/devices/${device.id}`, { channel: 1 });
  expect(await offline()).toBe(0);
  expect((await ask(laundry, `GET /api/devices/${device.id}`)).body).toMatchObject({
    online: false,
    lastReadingAt: null,
  });
  for (let looks = 0; looks < 2; looks++) {
    await laundry.ahead(61_000); // what keeps failing is asked less often
    await round();
  }
  expect(await offline()).toBe(1);
  await ask(laundry, `DELETE /api/devices/${device.id}`);
  expect(await offline()).toBe(0);
});

describe('the device itself', () => {
  const washer = async () => (await ask(laundry, 'GET /api/devices/{washer}')).body;

  test('tells what it is, since when it answers and how old its reading is', async () => {
    await round();
    const before = await washer();
    expect(before).toMatchObject({ model: expect.any(String), firmware: expect.any(String), onlineSince: instant });
    laundry.clock.ahead(5000);
    const after = await washer();
    expect(after.lastReadingAgeSeconds).toBeGreaterThanOrEqual(5);
    expect(after.onlineSince).toBe(before.onlineSince);
  });

  test('was away: it answers since it is back', async () => {
    await round();
    const before = await washer();
    laundry.shelly.setFault('Washer 1', 'offline');
    await round();
    expect(await washer()).toMatchObject({ online: false, onlineSince: null });
    laundry.shelly.setFault('Washer 1', 'none');
    await round();
    const back = await washer();
    expect(Date.parse(back.onlineSince)).toBeGreaterThan(Date.parse(before.onlineSince));
  });

  test('is asked what it is by the round now and then, not by each look', async () => {
    const { pool } = laundry.app.database;
    await pool.query("update relays set model = 'old', firmware = 'old' where device_id = $1", [laundry.washer.id]);
    await round();
    expect((await washer()).firmware).toBe('old');
    await laundry.ahead(6.1 * 3_600_000);
    await round();
    expect((await washer()).firmware).not.toBe('old');
  });
});

describe('the timeline of a device', () => {
  test('tells a sale from the payment to the end, in order', async () => {
    const from = new Date(laundry.clock.now()).toISOString();
    const bought = await buy(laundry);
    await laundry.until('running', async () => (await bought.session()).phase === 'running');
    laundry.clock.ahead(20_000);
    await ask(laundry, 'POST /api/devices/{washer}/force-off');
    await expectMoneyAddsUp(laundry, bought);
    const lines: Line[] = await timeline(`?from=${from}`);
    const told = lines.map(words).reverse();
    expect(told.slice(0, 2).toSorted()).toEqual(['payment', 'session begun']); // a moment apart
    expect(told.filter((text) => !/^payment|^command switch-off/.test(text))).toEqual([
      'session begun',
      'command switch-on',
      'reading on',
      'staff forced off by staff',
      'reading off',
      'session ended',
      'refund',
    ]);
    expect(told).toContain('command switch-off'); // by staff, perhaps also by the run that ends
    const { id } = await bought.session();
    const line = (kind: string) => lines.find((one) => one.kind === kind);
    expect(line('payment')).toMatchObject({ amount: 100, currency: 'eur', sessionId: id });
    expect(line('staff')).toMatchObject({ by: 'owner' });
    const byHand = { command: 'switch-off', outcome: 'confirmed', askedBy: 'staff' };
    expect(lines).toContainEqual(expect.objectContaining({ ...byHand, tookMilliseconds: expect.any(Number) }));
    expect(line('session')).toMatchObject({
      event: 'ended',
      status: 'CANCELLED',
      failureReason: 'force_ended_by_admin',
    });
    expect(line('refund')).toMatchObject({ status: 'done', currency: 'eur', doneAt: instant });
    expect(JSON.stringify(lines)).not.toContain('guest@example.com');
  });

  test('tells of money when it was paid, and of a checkout that nobody paid as that alone', async () => {
    const from = new Date(laundry.clock.now()).toISOString();
    const left = await buy(laundry, { pay: false });
    const asked = await left.payment();
    const of = async (id: string) => {
      const lines: (Line & { paidAt?: string | null; status?: string; sessionId?: string })[] = await timeline(
        `?from=${from}&kinds=payment,session`,
      );
      return lines.filter((line) => line.sessionId === id || line.id === id).reverse();
    };
    const { id: leftId } = await left.session();
    expect(await of(leftId)).toEqual([
      expect.objectContaining({ kind: 'payment', status: 'PENDING', paidAt: null, at: instantOf(asked.created_at) }),
    ]);
    await laundry.ahead(2 * 3_600_000); // longer than its checkout is open
    await laundry.until('it is given up', async () => (await left.payment()).status === 'FAILED');
    expect((await of(leftId)).map(words)).toEqual(['payment', 'session ended']);

    const bought = await buy(laundry, { pay: false });
    await laundry.ahead(60_000);
    await laundry.stripe.pay(bought.checkoutId);
    await laundry.until('running', async () => (await bought.session()).phase === 'running');
    const [payment, session] = [await bought.payment(), await bought.session()];
    expect(payment.paid_at ?? 0).toBeGreaterThanOrEqual(payment.created_at + 60_000);
    const lines = await of(session.id);
    const paidAt = instantOf(payment.paid_at);
    expect(lines.find(({ kind }) => kind === 'payment')).toMatchObject({ at: paidAt, paidAt, status: 'SUCCEEDED' });
    expect(lines.find(({ kind }) => kind === 'session')).toMatchObject({
      at: instantOf(session.paid_at),
      event: 'begun',
      addedMinutes: null,
    });
    await ask(laundry, 'POST /api/devices/{washer}/force-off');
    await expectMoneyAddsUp(laundry, bought);
  });

  test('tells that a run was made longer, and by how much', async () => {
    const from = new Date(laundry.clock.now()).toISOString();
    await round();
    const { body } = await ask(laundry, 'POST /api/public/device/{washerUid}/intent', { planId: '{free}' }, nobody);
    const token = String(body.url).split('/session/')[1] ?? '';
    await laundry.until('running', async () => {
      await laundry.ahead(1000);
      return (await ask(laundry, `GET /api/public/sessions/${token}`, undefined, nobody)).body.state === 'running';
    });
    const more = await ask(laundry, `POST /api/public/sessions/${token}/extend`, { planId: '{free}' }, nobody);
    expect(more.status).toBe(200);
    const lines: Line[] = await timeline(`?from=${from}&kinds=session,payment`);
    expect(lines.map(words).toSorted()).toEqual(['payment', 'payment', 'session begun', 'session extended']);
    const { rows } = await laundry.app.database.pool.query('select extra_ms from payments where extra_ms > 0');
    expect(rows.length).toBe(1);
    expect(lines[0]).toMatchObject({ event: 'extended', addedMinutes: Number(rows[0].extra_ms) / 60_000 });
    await ask(laundry, 'POST /api/devices/{washer}/force-off');
    const told = await laundry.until('it is over', async () => {
      const all: string[] = (await timeline(`?from=${from}&kinds=session`)).map(words);
      return all.includes('session ended') ? all : null;
    });
    expect(told).toEqual(['session ended', 'session extended', 'session begun']);
  });

  test('tells once that it was out of reach and once that it was back, and a change of status', async () => {
    const from = new Date(laundry.clock.now()).toISOString();
    await round();
    laundry.shelly.setFault('Washer 1', 'offline');
    for (let rounds = 0; rounds < 3; rounds++) await round();
    laundry.shelly.setFault('Washer 1', 'none');
    for (let rounds = 0; rounds < 3; rounds++) await round();
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE' });
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
    const lines: Line[] = await timeline(`?from=${from}`);
    const told = lines.map(words).reverse();
    expect(told.filter((text) => !text.startsWith('notice'))).toEqual([
      'reading offline',
      'reading online',
      'staff device changed',
      'staff device changed',
    ]);
    expect(told).toContain('notice cleared');
  });

  test('in pages of any size is the same list, each line once', async () => {
    const whole: Line[] = await timeline();
    expect(whole.length).toBeGreaterThan(20);
    expect(whole.map(({ at }) => at)).toEqual(
      whole
        .map(({ at }) => at)
        .toSorted()
        .reverse(),
    );
    expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length);
    for (const limit of [1, 3, 10]) {
      const seen: string[] = [];
      for (let path: string | null = `/api/devices/${laundry.washer.id}/timeline?limit=${limit}`; path !== null; ) {
        const page = await ask(laundry, `GET ${path}`);
        expect(page.status).toBe(200);
        seen.push(...page.body.map(({ id }: Line) => id));
        const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
        path = next === undefined ? null : next.slice(laundry.url.length);
      }
      expect(seen).toEqual(whole.map(({ id }) => id));
    }
  });

  test('is filtered by kind and by time', async () => {
    const all: Line[] = await timeline();
    const some: Line[] = await timeline('?kinds=command,refund');
    expect(some).toEqual(all.filter(({ kind }) => kind === 'command' || kind === 'refund'));
    const middle = all[Math.floor(all.length / 2)]?.at ?? '';
    expect(await timeline(`?from=${middle}`)).toEqual(all.filter(({ at }) => at >= middle));
    expect(await timeline(`?to=${middle}`)).toEqual(all.filter(({ at }) => at < middle));
  });

  test('names staff to administrators alone, and answers in the language asked for', async () => {
    const asOperator: (Line & { by?: string | null })[] = await timeline('?kinds=staff', {
      token: laundry.tokens.operator,
    });
    expect(asOperator.length).toBeGreaterThan(0);
    expect(asOperator.filter(({ by }) => by !== null)).toEqual([]);
    const headers = { 'accept-language': 'de' };
    const [notice] = await timeline('?kinds=notice', { headers });
    expect(notice.title).toMatch(/nicht erreichbar|eingeschaltet ohne Lauf/);
  });

  const key = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  test.each([
    ['an unknown kind', 'kinds=command,fire', 'kinds'],
    ['a time in words', 'from=yesterday', 'from'],
    ['a key that is none', 'after=xyz', 'after'],
    ['a key out of time', `after=${key([1e300, 1, 'cmd_1'])}`, 'after'],
    ['a key before all time', `after=${key([-1, 1, 'cmd_1'])}`, 'after'],
    ['a key with a word for a number', `after=${key([1, 2, 'cmd_1'])}`, 'after'],
    ['a key with a number for an id', `after=${key([1, 3, '0000000000000001'])}`, 'after'],
    ['a key with something else in it', `after=${key([1, 3, "cmd_' or 1=1"])}`, 'after'],
  ])('refuses %s', async (_, query, field) => {
    const answer = await ask(laundry, `GET /api/devices/{washer}/timeline?${query}`);
    expectError(answer, 400, 'VALIDATION_ERROR', field);
  });

  test('goes on behind any moment that a key may name', async () => {
    for (const at of [0, 1.7e12, 8.64e15]) {
      for (const [rank, id] of [
        [2, '9999999999999999'],
        [3, 'cmd_zzz'],
        [99, 'obs_1'],
        [-5, 'obs_1'],
      ] as const) {
        const answer = await ask(laundry, `GET /api/devices/{washer}/timeline?after=${key([at, rank, id])}`);
        expect([at, rank, answer.status]).toEqual([at, rank, 200]);
      }
    }
  });

  test('of a device that nobody has is not found', async () => {
    expectError(await ask(laundry, 'GET /api/devices/dev_unknown/timeline'), 404, 'NOT_FOUND');
  });
});

test('what was seen is forgotten after ninety days, however much it is, and nothing younger', async () => {
  const { pool } = laundry.app.database;
  const { rows } = await pool.query<{ organization_id: OrganizationId; device_id: DeviceId }>(
    'select organization_id, device_id from relays where device_id = $1',
    [laundry.dryer.id],
  );
  await pool.query('delete from observations');
  const day = 24 * 3_600_000;
  const add = (count: number, daysAgo: number) =>
    pool.query(
      `insert into observations (organization_id, device_id, at, id, kind)
       select $1, $2, $3, 'obs_' || $4::text || '_' || n, 'on' from generate_series(1, $5::int) n`,
      [rows[0]?.organization_id, rows[0]?.device_id, new Date(laundry.clock.now() - daysAgo * day), daysAgo, count],
    );
  await add(2500, 91);
  await add(7, 89);
  expect(await laundry.app.services.relays.forgetOld()).toBe(2500);
  expect((await pool.query('select from observations')).rowCount).toBe(7);
});
