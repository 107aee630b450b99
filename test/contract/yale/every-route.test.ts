/**
 * What holds for every operation of this API, made from the declared routes: a new one is tried by itself, and one with an
 * id that `ids` does not know fails, so that nobody forgets it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeclaredRoute, routes } from '../../../src/http/route-registry.ts';
import type { Answer } from '../../support/laundry.ts';
import { filled, paramsOf, type RouteIds, unknownLike } from '../../support/route-ids.ts';
import { fingerprint } from '../../support/rows.ts';
import { openYalePlace, type YalePlace } from '../../support/yale-locks.ts';

let place: YalePlace;
let ids: RouteIds;
/** The same, of nobody. */
let unknown: RouteIds;

beforeAll(async () => {
  place = await openYalePlace();
  const { front } = place.wire;
  const user = place.people.guest.id;
  await place.ask('PUT', `/locks/adduser/${front}/${user}/user`, { token: place.people.owner.token });
  const shared = { ':otherUserID/:type': 'user', 'validation/:way': 'email', 'validate/:way': 'email' };
  ids = {
    ...shared,
    'locks/:lockID': front,
    'adduser/:lockID': front,
    'excludedlocks/:lockID': front,
    ':lockID/:otherUserID': user,
    'houses/:houseID': place.houseId,
  };
  const nobodys = unknownLike(front).replaceAll('z', 'A').replaceAll('y', 'B').toUpperCase();
  unknown = {
    ...ids,
    'locks/:lockID': nobodys,
    'adduser/:lockID': nobodys,
    'excludedlocks/:lockID': nobodys,
    'houses/:houseID': 'a57f9bda-a0f3-4990-8567-aec391f13038',
  };
});
afterAll(() => place.close());

const declared = (): DeclaredRoute[] => routes(place.app.server).filter(({ family }) => family === 'yale');
const each = function* () {
  for (const route of declared()) for (const method of route.methods) yield { route, method };
};
const call = (
  route: DeclaredRoute,
  method: string,
  named: RouteIds,
  by: { key: string | null; token: string | null },
) => {
  const { path, body } = filled(route, named);
  return place.ask(method, path.replace('/yale', ''), { ...by, ...(body === undefined ? {} : { body }) });
};
const told = ({ status, body }: Answer) => [status, body?.code];

test('asks for a key, and for a token unless it is for signing in', async () => {
  const before = await fingerprint(place);
  let tried = 0;
  for (const { route, method } of each()) {
    if (route.access === 'public') continue;
    const name = `${method} ${route.url}`;
    const { key } = place.program;
    const { token } = place.people.owner;
    expect([name, told(await call(route, method, ids, { key: null, token }))]).toEqual([name, [403, 'Forbidden']]);
    tried += 1;
    if (route.access !== 'caller') continue;
    expect([name, told(await call(route, method, ids, { key, token: null }))]).toEqual([
      name,
      [401, 'InvalidCredentials'],
    ]);
    const foreign = { key, token: place.strange.token };
    expect([name, told(await call(route, method, ids, foreign))]).toEqual([name, [401, 'InvalidCredentials']]);
  }
  expect(tried).toBeGreaterThan(15);
  expect(await fingerprint(place)).toEqual(before);
});

test('answers an id of another organization like one that nobody has, and changes nothing', async () => {
  const by = { key: place.strange.program.key, token: place.strange.token };
  const before = await fingerprint(place);
  for (const { route, method } of each()) {
    if (route.access !== 'caller' || !paramsOf(route.url).some((name) => ids[name] !== unknown[name])) continue;
    const name = `${method} ${route.url}`;
    const [theirs, nobodys] = [await call(route, method, ids, by), await call(route, method, unknown, by)];
    expect([name, told(theirs)]).toEqual([name, [404, 'ResourceNotFound']]);
    expect([name, theirs.text]).toEqual([name, nobodys.text]);
  }
  expect(await fingerprint(place)).toEqual(before);
});

test('refuses somebody who has nothing to do with the lock or the house, and changes nothing', async () => {
  const by = { key: place.program.key, token: place.people.nobody.token };
  const before = await fingerprint(place);
  for (const { route, method } of each()) {
    if (route.access !== 'caller' || !paramsOf(route.url).some((name) => ids[name] !== unknown[name])) continue;
    const name = `${method} ${route.url}`;
    expect([name, told(await call(route, method, ids, by))]).toEqual([name, [403, 'Forbidden']]);
  }
  expect(await fingerprint(place)).toEqual(before);
});

test('no answer to a stranger holds an id of this place', async () => {
  const { wire, people, houseId, program } = place;
  const secrets = [...Object.values(wire), ...Object.values(people).map(({ id }) => id), houseId, program.id];
  for (const { route, method } of each()) {
    if (method !== 'GET' || paramsOf(route.url).length > 0 || route.access !== 'caller') continue;
    const by = { key: place.strange.program.key, token: place.strange.token };
    const { text } = await call(route, method, ids, by);
    expect([route.url, secrets.filter((secret) => text.includes(secret))]).toEqual([route.url, []]);
  }
});
