import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NoticeFacts } from '../../../src/features/notices/notices.service.ts';
import type { OrganizationId } from '../../../src/rules/ids.ts';
import type { NoticeKind } from '../../../src/rules/notices/kinds.ts';
import { type Laundry, openLaundry, password } from '../../support/laundry.ts';
import { ask, expectError, expectRefused, idOf, instant } from '../../support/requests.ts';

let laundry: Laundry;
let organizationId: OrganizationId;
/** An operator who sees one location, where the dryer stands and not the washer. */
let scoped: string;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  const { accounts, organizations } = laundry.app.services;
  const first = await organizations.first();
  if (first === null) throw new Error('There is no first organization');
  organizationId = first.id;
  const elsewhere = (await ask(laundry, 'POST /api/locations', { name: 'Elsewhere' })).body.id;
  await ask(laundry, 'PATCH /api/devices/{dryer}', { locationId: elsewhere });
  const email = 'scoped@keystead.test';
  const account = { organizationId, username: 'scoped', email, password, role: 'user', by: null } as const;
  await accounts.create({ ...account, scope: [elsewhere] });
  scoped = (await laundry.call('POST', '/api/auth/login', { body: { email, password } })).body.token;
});
beforeEach(async () => {
  await laundry.app.database.read.deleteFrom('notices').execute();
});
afterAll(() => laundry.close());

const raise = (kind: NoticeKind, subject: string, facts: NoticeFacts = {}) =>
  laundry.app.database.transaction('test-notice', (tx) =>
    laundry.app.services.notices.raise(tx, organizationId, kind, subject, facts),
  );
const clear = (kind: NoticeKind, subject: string) =>
  laundry.app.database.transaction('test-over', (tx) =>
    laundry.app.services.notices.clear(tx, organizationId, kind, subject),
  );
const open = async (query = '', token: string = laundry.tokens.admin) =>
  (await ask(laundry, `GET /api/notices${query}`, undefined, { token })).body;
const minutes = (count: number) => laundry.clock.ahead(count * 60_000);

describe('a notice', () => {
  test('says what it is about, how grave it is, what it means and what to do, in the language asked for', async () => {
    await raise('device-offline', laundry.washer.id, { why: 'timed out' });
    const washer = { type: 'device', id: laundry.washer.id, name: 'Washer 1' };
    expect(await open()).toEqual([
      {
        id: idOf('ntc'),
        kind: 'device-offline',
        severity: 'warning',
        title: 'Washer 1: offline',
        text: expect.stringContaining('does not answer'),
        advice: expect.stringContaining('power'),
        subject: washer,
        device: washer,
        facts: { why: 'timed out' },
        raisedAt: instant,
        clearedAt: null,
        dismissedAt: null,
        repeated: 0,
      },
    ]);
    const headers = { 'accept-language': 'de-AT, en;q=0.5' };
    const german = await ask(laundry, 'GET /api/notices', undefined, { headers });
    expect(german.body[0].title).toBe('Washer 1: nicht erreichbar');
  });

  test('about money names the device it was for, and the sum', async () => {
    const facts = { deviceId: laundry.washer.id, amount: 250, currency: 'eur', why: 'x' };
    await raise('refund-failed', 'pay_1', facts);
    expect((await open())[0]).toMatchObject({
      severity: 'needs-action',
      title: 'Washer 1: refund of €2.50 failed',
      subject: { type: 'payment', id: 'pay_1', name: 'Washer 1' },
      device: { type: 'device', id: laundry.washer.id },
    });
  });

  test('about a connection names the connection', async () => {
    await raise('broker-down', laundry.connectionId);
    const subject = { type: 'connection', id: laundry.connectionId, name: 'Relays' };
    expect((await open())[0]).toMatchObject({ subject, device: null, title: 'Relays: broker does not answer' });
  });
});

describe('a device that comes and goes', () => {
  test('is one notice that tells how often, not many', async () => {
    for (let times = 0; times < 30; times++) {
      await raise('device-offline', laundry.washer.id);
      minutes(2);
      await clear('device-offline', laundry.washer.id);
      minutes(3);
    }
    await raise('device-offline', laundry.washer.id);
    const all = await open('?open=false');
    expect(all.length).toBe(1);
    expect(all[0]).toMatchObject({ repeated: 30, clearedAt: null });
  });

  test('raised by many at once, it is one', async () => {
    await Promise.all(Array.from({ length: 20 }, () => raise('device-offline', laundry.washer.id)));
    expect((await open('?open=false')).length).toBe(1);
    await clear('device-offline', laundry.washer.id);
    await Promise.all(Array.from({ length: 20 }, () => raise('device-offline', laundry.washer.id)));
    expect((await open('?open=false')).map(({ repeated }: { repeated: number }) => repeated)).toEqual([1]);
  });
});

describe('dismissing', () => {
  const dismiss = (id: string, token: string = laundry.tokens.operator) =>
    ask(laundry, `POST /api/notices/${id}/dismiss`, undefined, { token });

  test('takes it from the open ones while its cause lasts; what comes after its end is new', async () => {
    await raise('device-offline', laundry.washer.id);
    const [{ id }] = await open();
    const answer = await dismiss(id);
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ id, dismissedAt: instant })]);
    expect(await open()).toEqual([]);
    await raise('device-offline', laundry.washer.id);
    expect(await open()).toEqual([]);
    expect((await open('?open=false')).length).toBe(1);
    await clear('device-offline', laundry.washer.id);
    minutes(1);
    await raise('device-offline', laundry.washer.id);
    const [again] = await open();
    expect(again.id).not.toBe(id);
    expect(again).toMatchObject({ dismissedAt: null, repeated: 1 });
  });

  test('is written down once, with who did it; twice changes nothing', async () => {
    await raise('device-offline', laundry.washer.id);
    const [{ id }] = await open();
    const first = await dismiss(id);
    minutes(1);
    expect((await dismiss(id)).body).toEqual(first.body);
    const { rows } = await laundry.app.database.pool.query(
      'select action, details from audit_entries where entity_id = $1',
      [id],
    );
    const details = { kind: 'device-offline', subject: laundry.washer.id, deviceId: laundry.washer.id };
    expect(rows).toEqual([{ action: 'notice dismissed', details }]);
  });

  test('one that nobody has is not found', async () => {
    await expectRefused(laundry, ['', 'POST /api/notices/ntc_unknown/dismiss', undefined, 404, 'NOT_FOUND']);
  });

  test('one outside the scope is not found, and stays', async () => {
    await raise('device-offline', laundry.washer.id);
    const [{ id }] = await open();
    expectError(await dismiss(id, scoped), 404, 'NOT_FOUND');
    expect((await open()).length).toBe(1);
  });
});

test('operators with some locations see what concerns the devices there, and nothing else', async () => {
  await raise('device-offline', laundry.washer.id);
  await raise('device-offline', laundry.dryer.id);
  await raise('refund-failed', 'pay_1', { deviceId: laundry.dryer.id });
  await raise('refund-failed', 'pay_2', { deviceId: laundry.washer.id });
  await raise('payment-mismatch', 'pay_3');
  await raise('broker-down', laundry.connectionId);
  expect((await open()).length).toBe(6);
  expect((await open('', laundry.tokens.operator)).length).toBe(6);
  expect((await open('', scoped)).map(({ subject }: { subject: { id: string } }) => subject.id)).toEqual([
    'pay_1',
    laundry.dryer.id,
  ]);
});

test('the list is filtered by kind and device, and paged by key', async () => {
  for (const subject of ['pay_1', 'pay_2', 'pay_3']) {
    await raise('refund-failed', subject, { deviceId: laundry.washer.id });
    laundry.clock.ahead(1);
  }
  await raise('device-offline', laundry.dryer.id);
  const kinds = async (query: string) => (await open(query)).map(({ kind }: { kind: string }) => kind);
  expect(await kinds('?kind=device-offline')).toEqual(['device-offline']);
  expect(await kinds(`?deviceId=${laundry.washer.id}`)).toEqual(Array(3).fill('refund-failed'));
  expect(await kinds(`?deviceId=${laundry.washer.id}&kind=device-offline`)).toEqual([]);
  const page = await ask(laundry, 'GET /api/notices?kind=refund-failed&limit=2');
  const next = new URL(/<(.+)>/.exec(page.headers.get('link') ?? '')?.[1] ?? '');
  expect(page.body.map(({ subject }: { subject: { id: string } }) => subject.id)).toEqual(['pay_3', 'pay_2']);
  expect((await open(next.search))[0].subject.id).toBe('pay_1');
  expectError(await ask(laundry, 'GET /api/notices?kind=fire'), 400, 'VALIDATION_ERROR', 'kind');
  expectError(await ask(laundry, 'GET /api/notices?open=perhaps'), 400, 'VALIDATION_ERROR', 'open');
});

describe('live', () => {
  type Open = { next(): Promise<{ title: string }[]>; ended(): Promise<boolean>; close(): void };
  const streams: Open[] = [];

  async function follow(o: { token?: string; headers?: Record<string, string> }): Promise<Open> {
    const leaving = new AbortController();
    const response = await fetch(`${laundry.url}/api/events`, {
      signal: leaving.signal,
      headers: { ...(o.token === undefined ? {} : { authorization: `Bearer ${o.token}` }), ...o.headers },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const opened: Open = {
      async next() {
        for (;;) {
          const event = /event: notices\ndata: (.*)\n\n/.exec(text);
          if (event !== null) {
            text = text.slice(event.index + event[0].length);
            return JSON.parse(event[1] ?? '');
          }
          const chunk = await reader?.read();
          if (chunk?.done !== false) throw new Error('The stream ended');
          text += chunk.value;
        }
      },
      async ended() {
        for (;;) if ((await reader?.read())?.done !== false) return true;
      },
      close: () => leaving.abort(),
    };
    streams.push(opened);
    return opened;
  }

  test('the open ones come now, and again when one is raised, dismissed or over', async () => {
    const stream = await follow({ token: laundry.tokens.operator, headers: { 'accept-language': 'de' } });
    expect(await stream.next()).toEqual([]);
    await raise('device-offline', laundry.washer.id);
    expect(await stream.next()).toMatchObject([{ title: 'Washer 1: nicht erreichbar' }]);
    await raise('device-offline', laundry.dryer.id);
    expect((await stream.next()).length).toBe(2);
    const [{ id }] = await open();
    await ask(laundry, `POST /api/notices/${id}/dismiss`);
    expect((await stream.next()).length).toBe(1);
    await clear('device-offline', laundry.washer.id);
    expect(await stream.next()).toEqual([]);
    stream.close();
  });

  test('each sees what is in their scope, and nobody what is of another organization', async () => {
    const [one, other] = await Promise.all([follow({ token: scoped }), follow({ token: laundry.tokens.stranger })]);
    expect([await one.next(), await other.next()]).toEqual([[], []]);
    await raise('device-offline', laundry.washer.id);
    await raise('device-offline', laundry.dryer.id);
    expect(await one.next()).toMatchObject([{ title: 'Dryer: offline' }]);
    for (const stream of [one, other]) stream.close();
  });

  test('it is for staff, and ends with the login at the next news', async () => {
    expectError(await laundry.call('GET', '/api/events'), 401, 'UNAUTHORIZED');
    expectError(await laundry.call('GET', '/api/events', { token: 'not-a-token' }), 401, 'UNAUTHORIZED');
    const email = 'helper@keystead.test';
    const { token } = (await laundry.call('POST', '/api/auth/login', { body: { email, password } })).body;
    const stream = await follow({ token });
    expect(await stream.next()).toEqual([]);
    await laundry.call('POST', '/api/auth/logout', { token });
    await raise('device-offline', laundry.washer.id);
    expect(await stream.ended()).toBe(true);
  });
});
