/** Houses, locks, bridges, and what was heard of them. */
import { type Call, type Context, iso, lockOf, type Route } from './call.ts';
import type { Activity } from './cloud.ts';
import { refusal } from './errors.ts';
import type { Lock } from './lock.ts';
import type { BridgeData } from './lock-data.ts';

const all = ({ cloud }: Context, { trouble }: Call): Lock[] =>
  trouble === 'another-device' ? [] : [...cloud.locks.values()];
const houseNameOf = (): string => 'Home';

function storedStatus({ data }: Lock) {
  const { status, dateTime, doorOpen } = data.cloud;
  const doorState = data.hasDoorSensor ? (doorOpen ? 'open' : 'closed') : 'init';
  return { status, dateTime: iso(dateTime), isLockStatusChanged: false, valid: true, doorState };
}

const shownBridge = ({ bridgeId, online, lastOnline, lastOffline }: BridgeData) => ({
  _id: bridgeId,
  mfgBridgeID: bridgeId.slice(0, 10).toUpperCase(),
  deviceModel: 'august-connect',
  firmwareVersion: '2.2.1',
  operative: true,
  status: {
    current: online ? 'online' : 'offline',
    lastOnline: iso(lastOnline),
    lastOffline: iso(lastOffline),
    updated: iso(Math.max(lastOnline, lastOffline)),
  },
  hyperBridge: true,
});

function shownLock(lock: Lock, { cloud, accounts: { account } }: Context) {
  const { data } = lock;
  const bridge = cloud.bridgeOf(lock);
  const { battery } = data.cloud;
  return {
    LockName: data.name,
    Type: data.type,
    Created: iso(0),
    Updated: iso(data.cloud.dateTime),
    LockID: data.lockId,
    HouseID: data.houseId,
    HouseName: houseNameOf(),
    Calibrated: !lock.has('uncalibrated'),
    timeZone: data.timeZone,
    battery: battery / 100,
    batteryInfo: { level: battery > 20 ? 'Full' : 'Low', infoUpdatedDate: iso(data.cloud.batteryAt) },
    supportsEntryCodes: data.hasKeypad,
    macAddress: data.mac,
    SerialNumber: data.serial,
    skuNumber: 'AUG-SL05',
    LockStatus: storedStatus(lock),
    currentFirmwareVersion: '3.0.44',
    homeKitEnabled: false,
    zWaveEnabled: false,
    isGalileo: false,
    ...(bridge === null ? {} : { Bridge: shownBridge(bridge) }),
    ...(data.hasKeypad
      ? {
          keypad: {
            _id: `k${data.lockId.slice(0, 10)}`,
            serialNumber: `K${data.serial}`,
            lockID: data.lockId,
            currentFirmwareVersion: '2.27.0',
            battery: {},
            batteryLevel: 'Medium',
            batteryRaw: 170,
          },
        }
      : {}),
    parametersToSet: {},
    users: {
      [account.userId]: {
        UserType: data.role,
        FirstName: account.firstName,
        LastName: account.lastName,
        identifiers: [`email:${account.email}`],
      },
    },
    pubsubChannel: `channel-${data.lockId.slice(0, 8)}`,
    ruleHash: {},
    cameras: [],
    geofenceLimits: {},
    accessSchedulesAllowed: data.type !== 1,
  };
}

function shownActivity(activity: Activity, context: Context, version: string) {
  const lock = context.cloud.locks.get(activity.lockId);
  const { account } = context.accounts;
  const pin = context.pins.rowsOf(activity.lockId).find(({ userId }) => userId === activity.userId);
  const named = activity.userId === account.userId ? account : (pin ?? { firstName: '', lastName: '' });
  const user = { UserID: activity.userId ?? 'manuallock', FirstName: named.firstName, LastName: named.lastName };
  const device = { deviceID: activity.lockId, deviceType: 'lock', action: activity.action };
  if (version !== '0.0.1') {
    return { id: activity.id, timestamp: activity.at, icon: '', ...device, user, title: `<b>${activity.action}</b>` };
  }
  const house = { houseID: lock?.data.houseId ?? '', houseName: houseNameOf() };
  return {
    dateTime: activity.at,
    ...device,
    deviceName: lock?.data.name ?? '',
    callingUser: user,
    otherUser: user,
    house,
    entities: { device: activity.lockId, callingUser: user.UserID, house: house.houseID, activity: activity.id },
    info: { DateLogActionID: activity.id },
  };
}

function activitiesOf(call: Call, context: Context) {
  const [houseId = ''] = call.parts;
  const limit = Math.min(2500, Math.max(1, Number(call.query.get('limit') ?? 10)));
  const locks = all(context, call).filter(({ data }) => data.houseId === houseId);
  if (locks.length === 0) throw refusal('ResourceNotFound', 'House does not exist');
  const ids = new Set(locks.map(({ data }) => data.lockId));
  const shown = context.cloud.activities.all().filter(({ lockId }) => ids.has(lockId));
  const newest = shown.toSorted((a, b) => b.at - a.at).slice(0, limit);
  const list = newest.map((one) => shownActivity(one, context, call.version));
  return { body: call.version === '0.0.1' ? list : { events: list, nextPage: null, prevPage: null } };
}

const looks = (path: RegExp, run: Route['run']): Route => ({
  method: 'GET',
  path,
  does: 'looking',
  needs: 'user',
  run,
});

export const lockRoutes: Route[] = [
  looks(/^\/users\/me$/, (_, { accounts: { account } }) => ({
    body: { UserID: account.userId, FirstName: account.firstName, LastName: account.lastName },
  })),
  looks(/^\/users\/locks\/mine$/, (call, context) => ({
    body: Object.fromEntries(
      all(context, call).map(({ data }) => [
        data.lockId,
        {
          LockName: data.name,
          UserType: data.role,
          macAddress: data.mac,
          HouseID: data.houseId,
          HouseName: houseNameOf(),
        },
      ]),
    ),
  })),
  looks(/^\/users\/houses\/mine$/, (call, context) => ({
    body: [...new Set(all(context, call).map(({ data }) => data.houseId))].map((HouseID) => ({
      HouseID,
      HouseName: houseNameOf(),
      type: 'superuser',
    })),
    token: context.accounts.renewed(call.claims),
  })),
  looks(/^\/users\/bridges\/mine$/, (_, { cloud }) => ({
    body: Object.fromEntries(
      [...cloud.bridges.values()].map(({ bridgeId }) => [
        bridgeId,
        {
          locks: [...cloud.locks.values()]
            .filter(({ data }) => data.bridgeId === bridgeId)
            .map(({ data }) => data.lockId),
          deviceModel: 'august-connect',
          firmwareVersion: '2.2.1',
          operative: true,
        },
      ]),
    ),
  })),
  looks(/^\/users\/doorbells\/mine$/, () => ({ body: {} })),
  looks(/^\/houses\/([^/]+)\/activities$/, activitiesOf),
  looks(/^\/locks\/([^/]+)$/, (call, context) => ({ body: shownLock(lockOf(context, call), context) })),
  looks(/^\/locks\/([^/]+)\/status$/, (call, context) => {
    const lock = lockOf(context, call);
    if (context.cloud.bridgeOf(lock) === null) throw refusal('ConflictError', 'Lock has no bridge');
    return { body: storedStatus(lock) };
  }),
  looks(/^\/devices\/capabilities$/, ({ query }, { cloud }) => {
    const named = query.get('deviceID') ?? query.get('serialNumber') ?? '';
    const lock = [...cloud.locks.values()].find(({ data }) => data.lockId === named || data.serial === named);
    if (lock === undefined) throw refusal('ResourceNotFound', 'Device does not exist');
    const { data } = lock;
    const pin = { pinLengthMin: 4, pinLengthMax: 6 };
    return {
      body: {
        lock: { doorSense: data.hasDoorSensor, unlatch: data.type === 17, pinSlotMin: 1, pinSlotMax: 240, ...pin },
        ...(data.hasKeypad ? { keypad: { supportsPinCodes: true, usesSlots: true, isStandAlone: false, ...pin } } : {}),
      },
    };
  }),
];
