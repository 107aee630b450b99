import { Type } from 'typebox';
import type { HousesService } from '../../features/lock-users/houses.service.ts';
import type { LockRow } from '../../features/locks/locks.service.ts';
import { readOneOf } from '../../http/query.ts';
import { invalid, notFound } from '../../rules/errors.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const text = Type.Optional(Type.String({ maxLength: 128 }));
const kinds = ['lock', 'doorbell', 'keypad', 'connect'] as const;
/** Where a lock does not count its slots. */
const slots = 240;

const KeypadShown = Type.Object({
  supportsPinCodes: Type.Boolean(),
  supportsKeyTags: Type.Boolean(),
  supportsFingerprintCredential: Type.Boolean(),
  pinLengthMin: Type.Integer(),
  pinLengthMax: Type.Integer(),
  usesSlots: Type.Boolean(),
  isStandAlone: Type.Boolean(),
});

/** What a device can do, as its driver describes it. */
export function capabilityRoutes(api: YaleApi, { houses }: { houses: HousesService }): void {
  yaleRoute(api, {
    method: 'GET',
    url: '/devices/capabilities',
    access: 'caller',
    summary: 'What a device can do',
    purpose: 'Of a lock of the caller, by `deviceID` or `serialNumber`; either may be its lock id.',
    query: Type.Object({
      deviceType: text,
      deviceID: text,
      serialNumber: text,
      udID: text,
      hID: text,
      hhID: text,
      productID: text,
      productTypeID: text,
      topLevelHost: text,
      checkForSetup: text,
    }),
    success: Type.Object({
      lock: Type.Optional(Type.Object({}, { additionalProperties: true })),
      keypad: Type.Optional(KeypadShown),
    }),
    errors: ['VALIDATION_ERROR', 'NOT_FOUND'],
    source: import.meta.url,
    handler: async ({ caller, query }) => {
      const kind = readOneOf(query.deviceType, 'deviceType', kinds);
      const name = query.deviceID || query.serialNumber || query.udID || query.hID || query.hhID;
      if (name === undefined || name === '') throw invalid('serialNumber', 'deviceID or serialNumber is required');
      const all = await houses.mine(caller);
      const found = all.find(({ lock }) => lock.wire_id === name) ?? all.find(({ lock }) => lock.hardware_id === name);
      const lock = kind === undefined || kind === 'lock' || kind === 'keypad' ? found?.lock : undefined;
      if (lock === undefined || (kind === 'keypad' && lock.capabilities.keypad === null)) {
        throw notFound('Device does not exist');
      }
      const keypad = keypadView(lock);
      return { ...(kind === 'keypad' ? {} : { lock: lockView(lock) }), ...(keypad === null ? {} : { keypad }) };
    },
  });
}

function keypadView({ capabilities: { keypad } }: LockRow) {
  if (keypad === null) return null;
  return {
    supportsPinCodes: true,
    supportsKeyTags: false,
    supportsFingerprintCredential: false,
    pinLengthMin: keypad.lengthMin,
    pinLengthMax: keypad.lengthMax,
    usesSlots: keypad.namesSlots,
    isStandAlone: false,
  };
}

function lockView(lock: LockRow) {
  const { keypad, tellsDoor, unlock } = lock.capabilities;
  const last = keypad?.slots ?? slots;
  return {
    doorSense: tellsDoor,
    autoUnlock: false,
    rtc: keypad?.keepsWindows ?? false,
    pinSlotMin: 1,
    pinSlotMax: keypad === null ? 0 : last,
    pinLengthMin: keypad?.lengthMin ?? 0,
    pinLengthMax: keypad?.lengthMax ?? 0,
    supportsRFID: false,
    supportsFingerprintCredential: false,
    hasIntegratedWiFi: lock.bridge_id === null && unlock,
    wifiFrequencies: [],
    integratedDeadbolt: true,
    integratedKeypad: keypad !== null,
    oneTouch: false,
    wrongCode: false,
    batteryType: 'unknown',
    manufacturer: lock.model ?? 'unknown',
    serialNumber: lock.hardware_id,
    standalone: false,
    type: 2,
    unlatch: false,
    bluetooth: true,
    concurrentBLE: 1,
    entryCodeSlots: keypad === null ? 0 : last,
    slotRange: keypad === null ? null : { pin: { min: 1, max: last } },
    supportsSecureMode: false,
    supportsSchedulePerUser: keypad !== null,
    hostHardwareLockInfo: {},
    hostLock: {},
  };
}
