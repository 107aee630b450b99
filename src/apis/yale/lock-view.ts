/** A lock as this API tells it. Guests are told nothing of other users, and nothing that is for owners. */
import { type Static, Type } from 'typebox';
import type { Admitted, LockUser } from '../../features/lock-users/houses.service.ts';
import type { LockRow } from '../../features/locks/locks.service.ts';
import { namesOf } from '../../features/people/people.service.ts';
import type { Caller } from '../../rules/accounts/caller.ts';
import { iso } from '../../rules/instant.ts';
import { atLeast, lockRoles } from '../../rules/lock-users/roles.ts';
import { batteryLimits } from '../../rules/locks/battery.ts';
import { BridgeShown, bridgeView } from './bridge-view.ts';
import { shortDoor, shortStatus } from './words.ts';

const UserType = Type.Enum([...lockRoles]);
const Strings = Type.Array(Type.String());
const Empty = Type.Object({});
const Fence = Type.Object({
  debounceInterval: Type.Number(),
  gpsAccuracyMultiplier: Type.Number(),
  maximumGeofence: Type.Number(),
  minimumGeofence: Type.Number(),
  minGPSAccuracyRequired: Type.Number(),
});
export const StatusShown = Type.Object({
  status: Type.String(),
  dateTime: Type.String(),
  isLockStatusChanged: Type.Boolean(),
  valid: Type.Boolean(),
  doorState: Type.String(),
});
const UserShown = Type.Object({
  UserType,
  FirstName: Type.String(),
  LastName: Type.String(),
  identifiers: Strings,
  imageInfo: Empty,
});
const Level = Type.Enum(['Full', 'Medium', 'Low']);
export const LockShown = Type.Object({
  LockName: Type.String(),
  Type: Type.Integer(),
  Created: Type.String(),
  Updated: Type.String(),
  LockID: Type.String(),
  HouseID: Type.String(),
  HouseName: Type.String(),
  Calibrated: Type.Boolean(),
  timeZone: Type.String(),
  battery: Type.Number({ description: '0 to 1; 0 where nobody has read it' }),
  batteryInfo: Type.Optional(
    Type.Object({ level: Level, warningState: Type.String(), infoUpdatedDate: Type.Optional(Type.String()) }),
  ),
  supportsEntryCodes: Type.Boolean(),
  accessSchedulesAllowed: Type.Boolean(),
  remoteOperateSecret: Type.Optional(Type.String({ description: 'Empty: nothing here takes one' })),
  HomeKitSetupPayload: Type.Null(),
  skuNumber: Type.String(),
  macAddress: Type.String(),
  SerialNumber: Type.String(),
  LockStatus: StatusShown,
  currentFirmwareVersion: Type.String(),
  homeKitEnabled: Type.Boolean(),
  zWaveEnabled: Type.Boolean(),
  isGalileo: Type.Boolean(),
  Bridge: Type.Optional(BridgeShown),
  keypad: Type.Optional(
    Type.Object({
      _id: Type.String(),
      serialNumber: Type.String(),
      lockID: Type.String(),
      currentFirmwareVersion: Type.String(),
      battery: Empty,
      batteryLevel: Level,
      batteryRaw: Type.Integer(),
    }),
  ),
  parametersToSet: Empty,
  users: Type.Record(Type.String(), UserShown),
  invitations: Type.Optional(
    Type.Array(Type.Object({ userID: Type.String(), UserType, name: Type.String(), identifiers: Strings })),
  ),
  OfflineKeys: Type.Optional(
    Type.Object({ created: Type.Array(Empty), loaded: Type.Array(Empty), deleted: Type.Array(Empty) }),
  ),
  pubsubCHannel: Type.String(),
  pubsubChannel: Type.String(),
  ruleHash: Empty,
  cameras: Strings,
  geofenceLimits: Type.Object({ ios: Fence, android: Fence }),
  hostLockInfo: Empty,
});

const fence = {
  debounceInterval: 90,
  gpsAccuracyMultiplier: 2.5,
  maximumGeofence: 5000,
  minimumGeofence: 100,
  minGPSAccuracyRequired: 80,
};

export const statusView = (lock: LockRow) => ({
  status: shortStatus(lock),
  dateTime: iso(lock.observed_at ?? lock.created_at),
  isLockStatusChanged: false,
  valid: true,
  doorState: shortDoor(lock),
});

export function lockView(
  { lock, house, role }: Admitted,
  o: { caller: Caller; users: readonly LockUser[]; timeZone: string },
): Static<typeof LockShown> {
  const manages = atLeast(role, 'manager');
  const bridge = bridgeView(lock);
  const { keypad } = lock.capabilities;
  const firmware = lock.firmware ?? 'unknown';
  const channel = lock.wire_id.toLowerCase();
  return {
    LockName: lock.name,
    Type: 2,
    Created: iso(lock.created_at),
    Updated: iso(lock.updated_at),
    LockID: lock.wire_id,
    HouseID: house.uuid,
    HouseName: house.name,
    Calibrated: true,
    timeZone: o.timeZone,
    battery: (lock.battery ?? 0) / 100,
    ...(lock.battery === null ? {} : { batteryInfo: batteryInfo(lock, lock.battery) }),
    supportsEntryCodes: keypad !== null,
    accessSchedulesAllowed: keypad !== null,
    ...(manages ? { remoteOperateSecret: '' } : {}),
    HomeKitSetupPayload: null,
    skuNumber: lock.model ?? '',
    macAddress: lock.mac ?? '',
    SerialNumber: lock.hardware_id,
    LockStatus: statusView(lock),
    currentFirmwareVersion: firmware,
    homeKitEnabled: false,
    zWaveEnabled: false,
    isGalileo: false,
    ...(bridge === null ? {} : { Bridge: bridge }),
    ...(keypad === null ? {} : { keypad: keypadView(lock, firmware) }),
    parametersToSet: {},
    users: Object.fromEntries(usersView(o, { role, manages })),
    ...(manages ? { invitations: o.users.filter(invited).map(invitationView), OfflineKeys: noKeys } : {}),
    pubsubCHannel: channel,
    pubsubChannel: channel,
    ruleHash: {},
    cameras: [],
    geofenceLimits: { ios: fence, android: fence },
    hostLockInfo: {},
  };
}

const noKeys = { created: [], loaded: [], deleted: [] };

const levelOf = (percent: number) => (percent > 60 ? 'Full' : percent > batteryLimits.lowAt ? 'Medium' : 'Low');

const batteryInfo = (lock: LockRow, percent: number) => ({
  level: levelOf(percent) as Static<typeof Level>,
  warningState: percent > batteryLimits.lowAt ? 'lock_state_battery_warning_none' : 'lock_state_battery_warning_2week',
  ...(lock.battery_at === null ? {} : { infoUpdatedDate: iso(lock.battery_at) }),
});

/** It is part of the lock, and lives of its battery. */
const keypadView = (lock: LockRow, currentFirmwareVersion: string) => ({
  _id: lock.wire_id.slice(0, 24).toLowerCase(),
  serialNumber: lock.hardware_id,
  lockID: lock.wire_id,
  currentFirmwareVersion,
  battery: {},
  batteryLevel: levelOf(lock.battery ?? 0) as Static<typeof Level>,
  batteryRaw: lock.battery ?? 0,
});

/** Without an account, known by an address: they were invited. */
const invited = (user: LockUser): boolean => !user.hasAccount && (user.email !== null || user.phone !== null);

function* usersView(
  { caller, users }: { caller: Caller; users: readonly LockUser[] },
  { role, manages }: { role: Admitted['role']; manages: boolean },
): Iterable<[string, Static<typeof UserShown>]> {
  const { person, account } = caller;
  const identifiers = account === null || account.email === null ? [] : [`email:${account.email}`];
  const self = { UserType: role, FirstName: person.firstName, LastName: person.lastName, identifiers, imageInfo: {} };
  yield [person.uuid, self];
  if (!manages) return;
  for (const user of users) {
    if (user.personId === person.id || invited(user)) continue;
    const { firstName, lastName } = namesOf(user);
    const shown = { FirstName: firstName, LastName: lastName, identifiers: identifiersOf(user), imageInfo: {} };
    yield [user.uuid, { UserType: user.role, ...shown }];
  }
}

const invitationView = (user: LockUser) => ({
  userID: user.uuid,
  UserType: user.role,
  name: user.name,
  identifiers: identifiersOf(user),
});

const identifiersOf = ({ email, phone }: LockUser): string[] => [
  ...(email === null ? [] : [`email:${email}`]),
  ...(phone === null ? [] : [`phone:${phone}`]),
];
