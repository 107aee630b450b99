import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Instant } from '../../rules/instant.ts';

/**
 * What Shelly's cloud answers, checked before anything believes it:
 * https://shelly-api-docs.shelly.cloud/cloud-control-api/communication-v2 and, for the list of all devices, v1.
 */
const DeviceId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
const Status = Type.Record(Type.String(), Type.Unknown());

const Device = Type.Object({
  id: DeviceId,
  code: Type.Optional(Type.String()),
  gen: Type.Optional(Type.String()),
  online: Type.Union([Type.Literal(0), Type.Literal(1), Type.Boolean()]),
  status: Type.Optional(Status),
  settings: Type.Optional(Status),
});
export type CloudDevice = Static<typeof Device>;

const Failure = Type.Object({
  error: Type.String({ minLength: 1 }),
  data: Type.Optional(Type.Object({ messages: Type.Optional(Type.Array(Type.Unknown())) })),
});
const OldFailure = Type.Object({ isok: Type.Literal(false), errors: Type.Optional(Type.Unknown()) });

const AllStatus = Type.Object({
  isok: Type.Literal(true),
  data: Type.Object({ devices_status: Type.Record(Type.String(), Status) }),
});
const Named = Type.Object({ name: Type.String({ minLength: 1 }) });
const Sys = Type.Object({ device: Named });
const Info = Type.Object({
  id: Type.Optional(DeviceId),
  code: Type.Optional(Type.String()),
  online: Type.Optional(Type.Boolean()),
});

/** An error in the words of the cloud, v2 or v1; null: the body is none. */
export function parseFailure(value: unknown): { code: string; message: string } | null {
  if (Check(Failure, value)) {
    const messages = (value.data?.messages ?? []).filter((one) => typeof one === 'string');
    return { code: value.error, message: messages.join('; ') };
  }
  if (!Check(OldFailure, value)) return null;
  const [code = 'FAILED', message] = Object.entries(Object(value.errors))[0] ?? [];
  return { code, message: typeof message === 'string' ? message : '' };
}

/** The devices of a /get by their ids; an account's unknown ids are left out. null: it is no such list. */
export function parseDevices(value: unknown): Map<string, CloudDevice> | null {
  if (!Array.isArray(value) || !value.every((one) => Check(Device, one))) return null;
  return new Map(value.map((device: CloudDevice) => [device.id, device]));
}

export type ListedDevice = { id: string; code: string | null; online: boolean; status: Record<string, unknown> };

/** Every device of the account, by v1. null: it is no such list. */
export function parseAllStatus(value: unknown): ListedDevice[] | null {
  if (!Check(AllStatus, value)) return null;
  return Object.entries(value.data.devices_status).flatMap(([key, status]) => {
    const info = Check(Info, status._dev_info) ? status._dev_info : {};
    const id = info.id ?? key;
    if (!Check(DeviceId, id)) return [];
    return [{ id, code: info.code ?? null, online: info.online === true, status }];
  });
}

/** The name that people gave a device, out of its settings: generation 2 keeps it elsewhere than generation 1. */
export function parseName(settings: Record<string, unknown> | undefined): string | null {
  if (settings === undefined) return null;
  if (Check(Named, settings)) return settings.name;
  return Check(Sys, settings.sys) ? settings.sys.device.name : null;
}

/** When the picture of the device was last renewed, by the cloud's clock in whole seconds; null where it does not say. */
export function parseUpdated(status: Record<string, unknown>): Instant | null {
  const text = status._updated;
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
  const at = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? null : at;
}
