import { Type } from 'typebox';
import type { HousesService } from '../../features/lock-users/houses.service.ts';
import type { ZoneOf } from '../../features/pins/zone-of-lock.ts';
import { Problem } from '../../rules/errors.ts';
import { bridgeOf, bridgeView } from './bridge-view.ts';
import { LockShown, lockView, StatusShown, statusView } from './lock-view.ts';
import { OfLock } from './words.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

/** Locks of the caller. */
export function lockRoutes(api: YaleApi, { houses, zoneOf }: { houses: HousesService; zoneOf: ZoneOf }): void {
  const shared = { method: 'GET', access: 'caller', source: import.meta.url } as const;

  yaleRoute(api, {
    ...shared,
    url: '/users/locks/mine',
    summary: 'The caller’s locks',
    purpose: 'By their ids; without those that the program excluded.',
    success: Type.Record(
      Type.String(),
      Type.Object({
        LockName: Type.String(),
        UserType: Type.String(),
        macAddress: Type.String(),
        HouseID: Type.String(),
        HouseName: Type.String(),
      }),
    ),
    errors: [],
    handler: async ({ caller }) =>
      Object.fromEntries(
        (await houses.mine(caller)).map(({ lock, house, role }) => [
          lock.wire_id,
          {
            LockName: lock.name,
            UserType: role,
            macAddress: lock.mac ?? '',
            HouseID: house.uuid,
            HouseName: house.name,
          },
        ]),
      ),
  });

  yaleRoute(api, {
    ...shared,
    url: '/users/bridges/mine',
    summary: 'The caller’s bridges',
    purpose: 'What speaks to the caller’s locks: gateways, and the Wi-Fi that a lock has of its own.',
    success: Type.Record(
      Type.String(),
      Type.Object({
        locks: Type.Array(Type.String()),
        appID: Type.String(),
        deviceModel: Type.String(),
        firmwareVersion: Type.String(),
        operative: Type.Boolean(),
      }),
    ),
    errors: [],
    handler: async ({ caller }) => {
      const shown = (await houses.mine(caller)).flatMap(({ lock }) => {
        const bridge = bridgeView(lock);
        return bridge === null ? [] : [{ wireId: lock.wire_id, ...bridge }];
      });
      return Object.fromEntries(
        [...Map.groupBy(shown, ({ _id }) => _id)].map(([id, own]) => [
          id,
          {
            locks: own.map(({ wireId }) => wireId),
            appID: '',
            deviceModel: own[0]?.deviceModel ?? '',
            firmwareVersion: own[0]?.firmwareVersion ?? '',
            operative: true,
          },
        ]),
      );
    },
  });

  yaleRoute(api, {
    ...shared,
    url: '/users/doorbells/mine',
    summary: 'The caller’s doorbells',
    purpose: 'There are none here.',
    success: Type.Object({}),
    errors: [],
    handler: async () => ({}),
  });

  yaleRoute(api, {
    ...shared,
    url: '/locks/:lockID',
    summary: 'A lock',
    purpose: 'As it was last seen. `Bridge` and `keypad` are missing where there is none.',
    params: OfLock,
    success: LockShown,
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'FORBIDDEN'],
    handler: async ({ caller, params }) => {
      const admitted = await houses.admit(caller, params.lockID, 'user');
      const users = await houses.usersOf(caller.organizationId, [admitted]);
      return lockView(admitted, { caller, users, timeZone: await zoneOf(admitted.lock) });
    },
  });

  yaleRoute(api, {
    ...shared,
    url: '/locks/:lockID/status',
    summary: 'The state of a lock as it was last seen',
    purpose: 'Costs the lock nothing. 409 where nothing speaks to it from here.',
    params: OfLock,
    success: StatusShown,
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
    handler: async ({ caller, params }) => {
      const { lock } = await houses.admit(caller, params.lockID, 'user');
      if (bridgeOf(lock) === null) throw new Problem('CONFLICT', 'Lock has no bridge');
      return statusView(lock);
    },
  });
}
