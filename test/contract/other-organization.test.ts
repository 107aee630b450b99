/**
 * Nothing crosses: whoever belongs to one organization and names a thing of another is told exactly what is told of a
 * thing that does not exist, and changes nothing. Made from the declared routes: a new route is tried by itself, and one
 * with an id that `ids` does not know fails, so that nobody forgets it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeclaredRoute, routes } from '../../src/http/route-registry.ts';
import type { OrganizationId } from '../../src/rules/ids.ts';
import { type Answer, type Laundry, openLaundry } from '../support/laundry.ts';
import { addDoor, lockThings } from '../support/lock-place.ts';
import { pinThings } from '../support/pin-things.ts';
import { beginToPay } from '../support/purchase.ts';
import { ask } from '../support/requests.ts';
import { filled, idSlots, isStream, type RouteIds, unknownLike } from '../support/route-ids.ts';
import { fingerprint } from '../support/rows.ts';
import { addProgram } from '../support/yale-place.ts';

let laundry: Laundry;
/** Of the laundry, and of the stranger's own organization. */
let theirs: RouteIds;
let own: RouteIds;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  laundry.stripe.setWebhookUrl(null);
  const running = await beginToPay(laundry, laundry.washer.plans.free);
  const waiting = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
  const { notices, organizations } = laundry.app.services;
  const first = await organizations.first();
  if (first === null) throw new Error('There is no first organization');
  const other = (await organizations.bySlug('other'))?.id ?? first.id;
  await laundry.app.database.transaction('test-notice', async (tx) => {
    await notices.raise(tx, first.id, 'refund-failed', 'pay_unknown', { deviceId: laundry.washer.id });
    await notices.raise(tx, other, 'refund-failed', 'pay_unknown', {});
  });
  const noticeOf = async (token: string): Promise<string> =>
    (await laundry.call('GET', '/api/notices', { token })).body[0].id;
  const programOf = async (token: string): Promise<string> => (await addProgram(laundry, {}, token)).id;
  const lockOf = async (organizationId: OrganizationId, connectionId: string) => {
    const made = await lockThings(laundry, { organizationId, connectionId });
    return { ...made, ...(await pinThings(laundry, { organizationId, lock: made.lock })) };
  };
  theirs = idsOf({
    location: laundry.locationId,
    connection: laundry.connectionId,
    device: laundry.dryer.id,
    plan: laundry.dryer.plan,
    token: waiting.token,
    notice: await noticeOf(laundry.tokens.admin),
    program: await programOf(laundry.tokens.admin),
    ...(await lockOf(first.id, laundry.connectionId)),
    door: await addDoor(laundry, { name: 'Front door' }),
  });
  expect(running.status).toBe(200);
  const strange = await stranger();
  own = idsOf({
    ...strange,
    notice: await noticeOf(laundry.tokens.stranger),
    program: await programOf(laundry.tokens.stranger),
    ...(await lockOf(other, strange.connection)),
    door: await addDoor(
      { ...laundry, locationId: strange.location },
      { name: 'Elsewhere', token: laundry.tokens.stranger },
    ),
  });
});
afterAll(() => laundry.close());

type Things = {
  notice: string;
  location: string;
  connection: string;
  device: string;
  plan: string;
  token: string;
  lock: string;
  command: string;
  door: string;
  pin: string;
  reference: string;
  person: string;
  program: string;
};

/** Which thing each route means by its ids: add what a new route takes. */
const idsOf = (things: Things): RouteIds => ({
  'locations/:id': things.location,
  'connections/:id': things.connection,
  'devices/:id': things.device,
  'periods/:periodId': things.plan,
  'sessions/:token': things.token,
  'notices/:id': things.notice,
  'locks/:id': things.lock,
  'commands/:id': things.command,
  'doors/:id': things.door,
  'pins/:pinId': things.pin,
  'unmanaged/:reference': things.reference,
  'people/:id': things.person,
  'api-clients/:id': things.program,
  personId: things.person,
  locationId: things.location,
  connectionId: things.connection,
  deviceId: things.device,
  doorId: things.door,
  lockId: things.lock,
});

/** The stranger has one of each too, so that a wrong answer cannot hide behind another missing thing. */
async function stranger(): Promise<
  Omit<Things, 'notice' | 'lock' | 'command' | 'door' | 'pin' | 'reference' | 'person' | 'program'>
> {
  const token = laundry.tokens.stranger;
  const post = async (path: string, body: unknown) => {
    const answer = await ask(laundry, `POST ${path}`, body, { token });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body;
  };
  const relay = laundry.shelly.device('Washer 1').address;
  const connection = await post('/api/connections', { vendor: 'shelly-lan', devices: [{ address: relay }] });
  const location = await post('/api/locations', { name: 'Elsewhere' });
  const device = await post('/api/devices', {
    shellyDeviceId: 'shellyplus1-elsewhere',
    connectionId: connection.id,
    locationId: location.id,
  });
  const plan = await post(`/api/devices/${device.id}/periods`, { name: 'Elsewhere', duration: 1, price: 100 });
  return { location: location.id, connection: connection.id, device: device.id, plan: plan.id, token: 'none' };
}

const declared = (): DeclaredRoute[] =>
  routes(laundry.app.server)
    .filter(({ access }) => access === 'staff' || access === 'admin')
    .filter((route) => !isStream(route));

function call(route: DeclaredRoute, method: string, ids: RouteIds, token: string): Promise<Answer> {
  const { path, body } = filled(route, ids);
  return laundry.call(method, path, { token, ...(body === undefined ? {} : { body }) });
}

/** An answer may repeat the id that it was asked with. */
const told = ({ status, text }: Answer, asked: RouteIds) => ({
  status,
  text: Object.values(asked).reduce((said, id) => said.replaceAll(id, '<id>'), text),
});

/** All ids theirs; and each alone among the stranger's own. */
function variants(route: DeclaredRoute, ids: RouteIds): RouteIds[] {
  const names = [...new Set(idSlots(route).map(({ name }) => name))];
  return [ids, ...names.map((name) => ({ ...own, [name]: ids[name] ?? '' }))];
}

test('an id of another organization is answered like one that nobody has, and nothing changes', async () => {
  const token = laundry.tokens.stranger;
  const first = await laundry.app.services.organizations.first();
  const before = await fingerprint(laundry, { organizationId: first?.id ?? '', except: [] });
  const nobodys = Object.fromEntries(Object.entries(theirs).map(([name, id]) => [name, unknownLike(id)]));
  let tried = 0;
  for (const route of declared()) {
    if (idSlots(route).length === 0) continue;
    for (const method of route.methods) {
      const unknown = variants(route, nobodys);
      for (const [i, foreign] of variants(route, theirs).entries()) {
        const name = `${method} ${filled(route, foreign).path}`;
        const asked = unknown[i] ?? nobodys;
        const answer = await call(route, method, foreign, token);
        const expected = await call(route, method, asked, token);
        expect({ name, ...told(answer, foreign) }).toEqual({ name, ...told(expected, asked) });
        const path = idSlots(route).filter(({ where }) => where === 'path');
        const named = path.some((slot) => foreign[slot.name] !== own[slot.name]);
        if (named) expect([name, answer.status]).toEqual([name, 404]);
        else
          expect([name, answer.status]).toEqual([name, expect.toSatisfy((status) => status === 200 || status === 400)]);
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThan(40);
  expect(await fingerprint(laundry, { organizationId: first?.id ?? '', except: [] })).toEqual(before);
});

test('no answer to a stranger holds an id or a token of the laundry', async () => {
  const { pool } = laundry.app.database;
  const secrets = [
    ...Object.values(theirs),
    laundry.washer.id,
    laundry.washer.uid,
    laundry.dryer.uid,
    ...Object.values(laundry.washer.plans),
    ...(await pool.query(`select id from payments union select id from sessions`)).rows.map(({ id }) => String(id)),
  ];
  for (const route of declared().filter(({ methods }) => methods.includes('GET'))) {
    const { text } = await call(route, 'GET', own, laundry.tokens.stranger);
    expect([route.url, secrets.filter((secret) => text.includes(secret))]).toEqual([route.url, []]);
  }
});

test('the owner is given what the stranger is not', async () => {
  for (const route of declared().filter(({ methods }) => methods.includes('GET'))) {
    const { path } = filled(route, theirs);
    const answer = await laundry.call('GET', path, { token: laundry.tokens.admin });
    expect([path, answer.status]).toEqual([path, 200]);
  }
});

test('a route whose ids the test does not know is found out', () => {
  const [known] = declared();
  if (known === undefined) throw new Error('There are no routes');
  for (const url of ['/api/gates/:id', '/api/devices/:id/photos/:photoId']) {
    expect(() => filled({ ...known, url }, theirs)).toThrow('does not know what to put');
  }
  const body = { type: 'object', properties: { doorIds: { type: 'array' } } };
  expect(() => filled({ ...known, url: '/api/x', body }, theirs)).toThrow('doorIds');
});
