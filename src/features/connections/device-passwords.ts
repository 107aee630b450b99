import { invalid } from '../../rules/errors.ts';

/** Passwords of devices that have no address of ours: one for all of them, and those of single ones by their ids. */
export type DevicePasswords = { devicePassword?: string; devicePasswords?: Record<string, string> };
export type DevicePasswordsInput = {
  devicePassword?: string | null;
  /** The whole list; a password left out stays as it is, null or empty takes it away. */
  devicePasswords?: { deviceId: string; password?: string | null }[];
};

const most = 250;

/** What is kept after this change. */
export function changedPasswords(input: DevicePasswordsInput, before: DevicePasswords): DevicePasswords {
  const one = input.devicePassword === undefined ? before.devicePassword : input.devicePassword;
  const each = input.devicePasswords === undefined ? before.devicePasswords : listed(input.devicePasswords, before);
  return {
    ...(one ? { devicePassword: one } : {}),
    ...(each !== undefined && Object.keys(each).length > 0 ? { devicePasswords: each } : {}),
  };
}

/** What may be seen of them. */
export type DevicePasswordsView = { hasDevicePassword: boolean; devicePasswords: string[] };
export const passwordsView = (kept: DevicePasswords): DevicePasswordsView => ({
  hasDevicePassword: kept.devicePassword !== undefined,
  devicePasswords: Object.keys(kept.devicePasswords ?? {}).sort(),
});

function listed(
  list: NonNullable<DevicePasswordsInput['devicePasswords']>,
  before: DevicePasswords,
): Record<string, string> {
  if (list.length > most) throw invalid('devicePasswords', `devicePasswords must have at most ${most} entries`);
  const ids = list.map(({ deviceId }, index) => {
    const id = deviceId.trim();
    const field = `devicePasswords[${index}].deviceId`;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw invalid(field, `${field} must be the id of a device`);
    return id;
  });
  if (new Set(ids).size < ids.length) throw invalid('devicePasswords', 'devicePasswords names a device twice');
  const kept = new Map(Object.entries(before.devicePasswords ?? {}));
  const pairs = list.map(({ password }, index) => {
    const id = ids[index] ?? '';
    return [id, password === undefined ? kept.get(id) : password] as const;
  });
  return Object.fromEntries(pairs.flatMap(([id, password]) => (password ? [[id, password]] : [])));
}
