import { type Static, Type } from 'typebox';
import type { HouseOf, HousesService } from '../../features/lock-users/houses.service.ts';
import { acceptVersionOf } from '../../http/partners.ts';
import type { Caller } from '../../rules/accounts/caller.ts';
import { atLeast, higher, type LockRole } from '../../rules/lock-users/roles.ts';
import { Uuid } from './words.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const House = Type.Object({
  HouseID: Type.String(),
  HouseName: Type.String(),
  type: Type.String(),
  imageInfo: Type.Object({}),
});
const Roles = Type.Record(Type.String(), Type.String());

/** Houses are locations. */
export function houseRoutes(api: YaleApi, { houses }: { houses: HousesService }): void {
  const shared = { access: 'caller', source: import.meta.url } as const;

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/users/houses/mine',
    renewsToken: true,
    summary: 'The caller’s houses',
    purpose: 'Always answers a new token in the headers. A bare array; with Accept-Version 2.0.0 or newer `{houses}`.',
    query: Type.Object({
      houseID: Type.Optional(Type.String({ maxLength: 64 })),
      hideIntegrationMode: Type.Optional(Type.String({ maxLength: 10 })),
      clientSerial: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    success: Type.Union([Type.Array(House), Type.Object({ houses: Type.Array(House) })]),
    errors: ['VALIDATION_ERROR'],
    handler: async ({ caller, query, request }) => {
      const wanted = query.houseID?.toLowerCase();
      const all = (await houses.housesOf(caller)).map(houseView);
      const list = wanted === undefined || wanted === '' ? all : all.filter(({ HouseID }) => HouseID === wanted);
      return acceptVersionOf(request) >= 2 ? { houses: list } : list;
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/houses/:houseID',
    summary: 'A house',
    purpose:
      '`users` maps ids to roles; with Accept-Version 2.0.0 or newer it is a list of ids. Guests see themselves.',
    params: Type.Object({ houseID: Uuid }),
    success: Type.Object({
      HouseID: Type.String(),
      HouseName: Type.String(),
      users: Type.Union([Type.Array(Type.String()), Roles]),
      locks: Type.Array(Type.String()),
    }),
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'FORBIDDEN'],
    handler: async ({ caller, params, request }) => {
      const found = await houses.house(caller, params.houseID.toLowerCase());
      const users = rolesIn(found, caller);
      return {
        HouseID: found.house.uuid,
        HouseName: found.house.name,
        users: acceptVersionOf(request) >= 2 ? Object.keys(users) : users,
        locks: found.locks.map(({ lock }) => lock.wire_id),
      };
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'POST',
    url: '/houses',
    summary: 'Make a house',
    purpose: 'A location, by an administrator of all locations.',
    body: Type.Object({ HouseName: Type.String({ minLength: 1, maxLength: 120 }) }),
    example: { HouseName: 'Harbour Street' },
    success: Type.Object({ HouseID: Type.String(), HouseName: Type.String(), users: Roles }),
    errors: ['VALIDATION_ERROR', 'FORBIDDEN'],
    handler: async ({ caller, body }) => {
      const house = await houses.addHouse(caller, body.HouseName);
      return { HouseID: house.uuid, HouseName: house.name, users: { [caller.person.uuid]: 'superuser' } };
    },
  });
}

const houseView = ({ house, role }: HouseOf): Static<typeof House> => ({
  HouseID: house.uuid,
  HouseName: house.name,
  type: role,
  imageInfo: {},
});

function rolesIn({ role, users }: HouseOf, { person }: Caller): Record<string, string> {
  const roles = new Map<string, LockRole>([[person.uuid, role]]);
  if (atLeast(role, 'manager')) {
    for (const user of users) roles.set(user.uuid, higher(user.role, roles.get(user.uuid) ?? null) ?? user.role);
  }
  return Object.fromEntries(roles);
}
