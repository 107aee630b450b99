/**
 * Whatever comes over the wire: never a 500, never silence, always an error in the API's shape, and what is refused
 * changes nothing. Made from the declared routes, so a new route is tried by itself. FUZZ_SEED repeats a run.
 */
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DeclaredRoute, routes } from '../../src/http/route-registry.ts';
import { codes } from '../../src/rules/errors.ts';
import { type Laundry, openLaundry, password } from '../support/laundry.ts';
import { addDoor, lockThings } from '../support/lock-place.ts';
import { pinThings } from '../support/pin-things.ts';
import { beginToPay } from '../support/purchase.ts';
import { fieldsOf, filled, paramsOf, type RouteIds } from '../support/route-ids.ts';
import { fingerprint } from '../support/rows.ts';
import { addProgram, type Program, yaleToken } from '../support/yale-place.ts';
import { encoded, hostileBody, hostilePaths, hostileTexts } from './hostile.ts';
import { openWire, type Wire, type WireAnswer, type WireRequest } from './wire.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Real milliseconds for one route; the whole takes some half a minute. */
const share = Number(process.env.FUZZ_MS ?? 300);

let laundry: Laundry;
let wire: Wire;
let ids: RouteIds;
let throwaway: string;
let program: Program;
/** Of a person through that program; and one that may be ended. */
let yale: { token: string; throwaway: string };

beforeAll(async () => {
  console.info(`fuzz: seed ${seed}`);
  laundry = await openLaundry({ engine: false, mail: true });
  program = await addProgram(laundry, {
    scopes: ['users:sub-user:create', 'partners:excluded_lock_mgmt', 'webhooks'],
  });
  laundry.stripe.setWebhookUrl(null);
  wire = openWire(laundry.url);
  const { token } = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
  const first = await laundry.app.services.organizations.first();
  if (first === null) throw new Error('There is no first organization');
  const { lock, command } = await lockThings(laundry, { organizationId: first.id, connectionId: laundry.connectionId });
  const door = await addDoor(laundry, { name: 'Front door', lockId: lock });
  const { pin, reference, person } = await pinThings(laundry, { organizationId: first.id, lock });
  const known: RouteIds = {
    'pins/:pinId': pin,
    'unmanaged/:reference': reference,
    'people/:id': person,
    'api-clients/:id': (await addProgram(laundry, { name: 'To be revoked' })).id,
    ...(await yaleIds(lock)),
    'validation/:way': 'email',
    'validate/:way': 'email',
    personId: person,
    'locks/:id': lock,
    'commands/:id': command,
    'doors/:id': door,
    'door/:uid': (await laundry.call('GET', `/api/doors/${door}`, { token: laundry.tokens.admin })).body.uid,
    'locations/:id': laundry.locationId,
    'connections/:id': laundry.connectionId,
    'devices/:id': laundry.dryer.id,
    'periods/:periodId': laundry.dryer.plan,
    'sessions/:token': token,
    'session/:token': token,
    'device/:uid': laundry.washer.uid,
    'pay/:uid': laundry.washer.uid,
    'webhook/:slug': 'main',
    planId: laundry.washer.plans.now,
    locationId: laundry.locationId,
    connectionId: laundry.connectionId,
    deviceId: laundry.dryer.id,
  };
  ids = new Proxy(known, { get: (target, name) => target[String(name)] ?? 'unknown' });
});
beforeEach(async () => {
  await laundry.app.database.read.deleteFrom('login_attempts').execute();
  const email = 'helper@keystead.test';
  throwaway = (await laundry.call('POST', '/api/auth/login', { body: { email, password } })).body.token;
  yale = {
    token: await yaleToken(laundry, program),
    throwaway: await yaleToken(laundry, program, email, 'throwaway'),
  };
});
afterAll(async () => {
  wire.close();
  await laundry.close();
});

/** What the Yale/August API calls the lock, its house, and somebody on it. */
async function yaleIds(lock: string): Promise<RouteIds> {
  const { rows } = await laundry.app.database.pool.query<{ wire_id: string; house: string; person: string }>(
    `select l.wire_id, h.uuid as house, (select uuid from people order by id limit 1) as person
     from locks l, locations h where l.id = $1 and h.id = $2`,
    [lock, laundry.locationId],
  );
  const { wire_id: wireId = '', house = '', person = '' } = rows[0] ?? {};
  return {
    'locks/:lockID': wireId,
    'adduser/:lockID': wireId,
    'excludedlocks/:lockID': wireId,
    ':lockID/:otherUserID': person,
    ':otherUserID/:type': 'user',
    'houses/:houseID': house,
  };
}

type Call = { route: DeclaredRoute; method: string };
/** What makes things comes late and what takes them away last, so that there is something to be tried on. */
const calls = (): Call[] => {
  const rank = ({ route, method }: Call): number => {
    if (method === 'DELETE' || /\/(end|fail|force-off|logout)$/.test(route.url)) return 2;
    return route.url === '/api/connections' ? 1 : 0;
  };
  return routes(laundry.app.server)
    .flatMap((route) => route.methods.map((method) => ({ route, method })))
    .toSorted((a, b) => rank(a) - rank(b));
};

/** Takes the token that it is called with. */
const signsOut = /\/(session|users\/logout)$/;

function credentials({ route }: Call): Record<string, string> {
  const guest = { cookie: `keystead_hold=${'h'.repeat(32)}` };
  if (route.family === 'yale') {
    const token = signsOut.test(route.url) ? yale.throwaway : yale.token;
    return { 'x-api-key': program.key, 'x-access-token': token };
  }
  if (route.url.startsWith('/api/auth/')) return { authorization: `Bearer ${throwaway}` };
  if (route.access === 'cron') return { authorization: `Bearer ${laundry.cronSecret}` };
  if (route.access === 'signed') return { 'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=00` };
  return route.access === 'public' ? guest : { authorization: `Bearer ${laundry.tokens.admin}` };
}

function good({ route }: Call): { path: string; body: Record<string, unknown> } {
  const { path, body } = filled(route, ids);
  const pathOnly = path.split('?')[0] ?? path;
  const local = route.url === '/api/connections' ? { devices: [{ address: '127.0.0.1:9' }] } : {};
  return { path: pathOnly, body: { ...(body as Record<string, unknown> | undefined), ...local } };
}

const isWrite = (method: string): boolean => method !== 'GET';

/** Never a fault of ours, and always in the shape of the API. */
function expectAnswer(request: WireRequest, { status, headers, text }: WireAnswer): void {
  const what = `${request.method} ${request.path.slice(0, 200)} → ${status} ${text.slice(0, 300)}`;
  if (status >= 500) expect(what, 'a fault').toMatch(/→ 50[24] /);
  expect(text, what).not.toMatch(/node_modules|\.ts:\d+|select .* from|ECONN/i);
  if (status < 400 || !/^\/(api|yale)\//.test(request.path)) return;
  if (request.path.startsWith('/yale/authori') && headers['content-type']?.startsWith('text/html') === true) return;
  expect(headers['content-type'], what).toMatch(/^application\/json/);
  const body = JSON.parse(text);
  if (request.path.startsWith('/yale/')) {
    expect({ code: body.code, message: body.message }, what).toEqual({
      code: expect.anything(),
      message: expect.stringMatching(/./),
    });
    expect(body.error, what).toBe(request.path.startsWith('/yale/access_token') ? body.error : undefined); // OAuth's own
    return;
  }
  expect(Object.keys(codes), what).toContain(body.code);
  expect(body.error, what).toEqual(expect.stringMatching(/./));
  if (body.field !== undefined) expect(body.code, what).toMatch(/VALIDATION_ERROR|INVALID_CREDENTIALS|CONFLICT/);
}

/** Signing in counts what failed; who tried to open a door is written down, too. */
function counted(path: string): { except?: string[] } {
  const seen = ['relays', 'observations', 'logins', 'login_attempts'];
  if (/^\/yale\/(session|valid|authori)/.test(path)) {
    return { except: [...seen, 'audit_entries', 'audit_personal', 'audit_heads', 'sign_in_codes'] };
  }
  if (path.startsWith('/api/auth/')) return { except: [...seen, 'audit_entries', 'audit_personal', 'audit_heads'] };
  return /\/(un)?lock(\?|$)/.test(path) ? { except: [...seen, 'access_events', 'lock_commands', 'locks'] } : {};
}

let last: { key: string; print: Record<string, string> } | null = null;

/** Sends it; when it is refused, every row is as it was. */
async function attempt(request: WireRequest): Promise<WireAnswer> {
  const o = counted(request.path);
  const key = JSON.stringify(o);
  const before = isWrite(request.method) ? (last?.key === key ? last.print : await fingerprint(laundry, o)) : null;
  const answer = await wire.send(request);
  expectAnswer(request, answer);
  last = null;
  if (before !== null && answer.status >= 400 && answer.status < 500) {
    const after = await fingerprint(laundry, o);
    expect(after, `${request.method} ${request.path.slice(0, 200)} was refused (${answer.text})`).toEqual(before);
    last = { key, print: after };
  }
  return answer;
}

function requests(call: Call): fc.Arbitrary<WireRequest> {
  const { route, method } = call;
  const { path, body } = good(call);
  const parts = route.url.split('/');
  const holes = parts.flatMap((part, i) => (part.startsWith(':') ? [i] : []));
  const paths = fc.constantFrom(...hostilePaths).chain((part) =>
    fc.constantFrom(...(holes.length === 0 ? [-1] : holes)).map((hole) =>
      path
        .split('/')
        .map((own, i) => (i === hole ? part : own))
        .join('/'),
    ),
  );
  const names = [...fieldsOf(route.query), 'limit', 'after', 'x', '', '__proto__', 'limit[]', 'limit[a]'];
  const pair = fc
    .tuple(fc.constantFrom(...names), fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary' })))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const queries = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 3, arbitrary: fc.array(pair, { minLength: 1, maxLength: 4 }).map((pairs) => `?${pairs.join('&')}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('?', '?&&=', '?%', '?%zz=%', '?a'.repeat(500), '?=%00', '?limit', '??', '?#'),
    },
  );
  const bodies = isWrite(method)
    ? hostileBody(body, fieldsOf(route.body))
    : fc.constant({ body: undefined, contentType: undefined });
  return fc
    .record({
      path: fc.oneof({ weight: 5, arbitrary: fc.constant(path) }, { weight: 1, arbitrary: paths }),
      query: queries,
      sent: bodies,
      chunked: fc.boolean(),
    })
    .map(({ path: at, query, sent, chunked }) => ({
      method,
      path: (at + query).slice(0, 12_000),
      headers: {
        ...credentials(call),
        ...(sent.contentType === undefined ? {} : { 'content-type': sent.contentType }),
      },
      ...(sent.body === undefined ? {} : { body: sent.body, chunked }),
    }));
}

test('no route falls over hostile input, and what is refused changes nothing', {
  timeout: 60_000 + share * 200,
}, async () => {
  let sent = 0;
  for (const call of calls()) {
    const until = Date.now() + share;
    const property = fc.asyncProperty(requests(call), async (request) => {
      if (Date.now() > until) return;
      sent += 1;
      await attempt(request);
    });
    await fc.assert(property, { seed, numRuns: share / 5 });
  }
  console.info(`fuzz: ${sent} requests`);
  expect(sent).toBeGreaterThan(calls().length * 3);
  expect((await laundry.call('GET', '/api/ready')).body).toEqual({ ok: true });
  expect(laundry.logged()).not.toContain('A request failed through a fault of ours');
});

const wrongValues: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  '',
  '15',
  'x'.repeat(5000),
  [],
  [1],
  {},
  { a: 1 },
];

test('every field of every body refuses what is not of its type, and is named', { timeout: 60_000 }, async () => {
  let tried = 0;
  for (const call of calls()) {
    const { route, method } = call;
    const { properties = {} } = (route.body ?? {}) as { properties?: Record<string, TSchema> };
    if (!route.url.startsWith('/api/') || route.access === 'cron') continue;
    for (const [field, schema] of Object.entries(properties)) {
      for (const value of wrongValues.filter((candidate) => !Check(schema, candidate))) {
        const { path, body } = good(call);
        const headers = { ...credentials(call), 'content-type': 'application/json' };
        const answer = await attempt({ method, path, headers, body: JSON.stringify({ ...body, [field]: value }) });
        const what = `${method} ${route.url} ${field}=${JSON.stringify(value)?.slice(0, 50)}: ${answer.text}`;
        expect(answer.status, what).toBe(400);
        const told = JSON.parse(answer.text);
        expect(told.code, what).toBe('VALIDATION_ERROR');
        expect(told.field.split(/[.[]/)[0], what).toBe(field);
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThan(200);
});

test('no odd path is anything but refused', { timeout: 60_000 }, async () => {
  for (const call of calls().filter(({ route }) => paramsOf(route.url).length > 0)) {
    for (const part of hostilePaths) {
      const path = call.route.url.replaceAll(/:\w+/g, part.replaceAll('$', '$$$$'));
      if (part === '.' || part === '..') continue; // another path: the fuzz above walks there
      const answer = await attempt({ method: call.method, path, headers: credentials(call) });
      expect(answer.status, `${call.method} ${path.slice(0, 200)} ${answer.text}`).toBeGreaterThanOrEqual(400);
    }
  }
});

test.each([false, true])(
  'two megabytes are too much for every route (in pieces: %s)',
  { timeout: 60_000 },
  async (chunked) => {
    const body = JSON.stringify({ name: 'x'.repeat(2_000_000) });
    for (const call of calls().filter(({ method }) => isWrite(method))) {
      const { path } = good(call);
      const headers = { ...credentials(call), 'content-type': 'application/json' };
      const answer = await attempt({ method: call.method, path, headers, body, chunked });
      expect([call.route.url, answer.status]).toEqual([call.route.url, 413]);
    }
  },
);
