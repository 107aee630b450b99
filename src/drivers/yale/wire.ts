import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';

/** What the cloud answers, checked before anything believes it. Fields that nothing needs are not looked at. */
const Maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));
const Text = Type.String({ maxLength: 2000 });

export const ErrorBody = Type.Object({ code: Type.Union([Type.String(), Type.Integer()]), message: Type.String() });

export const LockId = Type.String({ pattern: '^[\\dA-F]{32}$' });
export const LocksMine = Type.Record(
  Type.String(),
  Type.Object({ LockName: Text, HouseID: Text, UserType: Maybe(Text) }),
);

export const StoredStatus = Type.Object({
  status: Text,
  doorState: Maybe(Text),
  dateTime: Maybe(Text),
});
export type StoredStatus = Static<typeof StoredStatus>;

export const LockDetail = Type.Object({
  LockID: LockId,
  LockName: Text,
  HouseID: Text,
  Type: Maybe(Type.Integer()),
  /** A fraction; below 0 where it was never heard. */
  battery: Maybe(Type.Number({ maximum: 1 })),
  supportsEntryCodes: Maybe(Type.Boolean()),
  accessSchedulesAllowed: Maybe(Type.Boolean()),
  macAddress: Maybe(Text),
  skuNumber: Maybe(Text),
  currentFirmwareVersion: Maybe(Type.Union([Text, Type.Object({})])),
  LockStatus: Maybe(StoredStatus),
  Bridge: Maybe(
    Type.Object({
      _id: Text,
      status: Maybe(Type.Union([Text, Type.Object({ current: Maybe(Text) })])),
    }),
  ),
});
export type LockDetail = Static<typeof LockDetail>;

const Pad = Type.Object({ pinLengthMin: Maybe(Type.Integer()), pinLengthMax: Maybe(Type.Integer()) });
export const DeviceCapabilities = Type.Object({
  lock: Maybe(Type.Object({ pinSlotMax: Maybe(Type.Integer({ minimum: 1 })) })),
  keypad: Maybe(Pad),
});
export type DeviceCapabilities = Static<typeof DeviceCapabilities>;

export const Operated = Type.Object({ status: Text, doorState: Maybe(Text) });

export const Pin = Type.Object({
  userID: Text,
  pin: Type.String({ pattern: '^\\d{1,16}$' }),
  slot: Maybe(Type.Integer()),
  accessType: Text,
  accessTimes: Maybe(Text),
  accessRecurrence: Maybe(Text),
  partnerUserID: Maybe(Text),
  firstName: Maybe(Text),
  lastName: Maybe(Text),
  loadedDate: Maybe(Text),
});
export type Pin = Static<typeof Pin>;
const PinList = Type.Optional(Type.Array(Pin, { maxItems: 2000 }));
export const Pins = Type.Object({
  created: PinList,
  loaded: Type.Array(Pin, { maxItems: 2000 }),
  disabled: PinList,
  disabling: PinList,
  enabling: PinList,
  deleting: PinList,
  updating: PinList,
});
export type Pins = Static<typeof Pins>;

export const Events = Type.Object({
  events: Type.Array(
    Type.Object({
      id: Text,
      timestamp: Type.Number({ minimum: 0 }),
      action: Text,
      deviceID: Text,
      user: Maybe(Type.Object({ UserID: Maybe(Text), FirstName: Maybe(Text), LastName: Maybe(Text) })),
    }),
    { maxItems: 5000 },
  ),
});
export type Event = Static<typeof Events>['events'][number];

export const Session = Type.Object({ vPassword: Type.Boolean(), vInstallId: Type.Boolean(), expiresAt: Maybe(Text) });
export const Granted = Type.Object({
  access_token: Type.String({ minLength: 8, maxLength: 4096 }),
  refresh_token: Type.String({ minLength: 8, maxLength: 4096 }),
  expires_in: Type.Number({ minimum: 0 }),
});

export function parsed<S extends TSchema>(schema: S, value: unknown): Static<S> | null {
  return Check(schema, value) ? (value as Static<S>) : null;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The end of a JWT, in epoch milliseconds; nobody here can check who signed it. null: it tells none. */
export function endOfToken(token: string): number | null {
  const [, body = ''] = token.split('.');
  const claims = parseJson(Buffer.from(body, 'base64url').toString('utf8'));
  return Check(Type.Object({ exp: Type.Number({ minimum: 0 }) }), claims) ? claims.exp * 1000 : null;
}
