import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';

/**
 * What the TTLock platform answers, checked before anything believes it (https://euopen.ttlock.com/document). Everything
 * comes with HTTP 200. Commands answer errcode 0, data calls have no errcode, every refusal has another one.
 */
const Id = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });
const Percent = Type.Integer({ minimum: 0, maximum: 100 });
/** What older locks leave out, or tell as null. */
const Maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));
/** -1 where the platform has never heard it. */
const MaybePercent = Maybe(Type.Integer({ minimum: -1, maximum: 100 }));
const Millis = Type.Integer({ minimum: 0 });

const Coded = Type.Object({ errcode: Type.Integer() });
const Page = Type.Object({ pages: Count, list: Type.Array(Type.Unknown(), { maxItems: 1000 }) });

export const Tokens = Type.Object({
  access_token: Type.String({ minLength: 8, maxLength: 512 }),
  refresh_token: Type.String({ minLength: 8, maxLength: 512 }),
  expires_in: Type.Number({ minimum: 0 }),
});

export const ListedLock = Type.Object({
  lockId: Id,
  lockName: Type.String(),
  lockAlias: Maybe(Type.String()),
  lockMac: Maybe(Type.String()),
  electricQuantity: MaybePercent,
  featureValue: Maybe(Type.String({ pattern: '^[0-9A-Fa-f]{0,64}$' })),
  hasGateway: Maybe(Type.Integer()),
});
export type ListedLock = Static<typeof ListedLock>;

export const LockDetail = Type.Object({
  lockId: Id,
  modelNum: Maybe(Type.String()),
  firmwareRevision: Maybe(Type.String()),
  /** Of the lock's own clock, in milliseconds; it knows no summer time. */
  timezoneRawOffset: Maybe(Type.Integer()),
});
export type LockDetail = Static<typeof LockDetail>;

export const ListedGateway = Type.Object({ gatewayId: Id, isOnline: Maybe(Type.Integer()) });
export const GatewayLocks = Type.Object({ list: Type.Array(Type.Object({ lockId: Id })) });

/** 0 locked, 1 unlocked, 2 it does not know. */
export const OpenState = Type.Object({ state: Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]) });
export const Battery = Type.Object({ electricQuantity: Percent });

const Digits = Type.String({ pattern: '^\\d{4,12}$' });
export const WrittenCode = Type.Object({ keyboardPwdId: Id });
export const GivenCode = Type.Object({ keyboardPwdId: Id, keyboardPwd: Digits });
export const ListedCode = Type.Object({
  keyboardPwdId: Id,
  keyboardPwd: Maybe(Type.String()),
  keyboardPwdName: Maybe(Type.String()),
  keyboardPwdType: Maybe(Type.Integer()),
  startDate: Maybe(Millis),
  endDate: Maybe(Millis),
});
export type ListedCode = Static<typeof ListedCode>;

export const GivenQr = Type.Object({
  qrCodeId: Id,
  link: Maybe(Type.String()),
  qrCodeNumber: Maybe(Type.Union([Type.Integer(), Type.String()])),
});
/** The content is left out before and after its time. */
export const QrData = Type.Object({ qrCodeContent: Maybe(Type.String()), status: Type.Integer() });

/** In lists and in what is pushed; only lists give it a number. */
export const Record = Type.Object({
  recordTypeFromLock: Maybe(Type.Integer()),
  recordType: Type.Integer(),
  success: Type.Integer(),
  username: Maybe(Type.String()),
  keyboardPwd: Maybe(Type.String()),
  lockDate: Millis,
  electricQuantity: MaybePercent,
});
export type Record = Static<typeof Record>;
export const PushedRecords = Type.Array(Record, { maxItems: 1000 });

/** `done`: it says so (errcode 0). null: the answer is none of a kind that the platform gives. */
export type Said = { kind: 'yes'; done: boolean; value: object } | { kind: 'no'; code: number };

export function parseAnswer(text: string): Said | null {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (!('errcode' in value)) return { kind: 'yes', done: false, value };
  if (!Check(Coded, value)) return null;
  return value.errcode === 0 ? { kind: 'yes', done: true, value } : { kind: 'no', code: value.errcode };
}

export function parsed<S extends TSchema>(schema: S, value: unknown): Static<S> | null {
  return Check(schema, value) ? (value as Static<S>) : null;
}

/** One page of a list. A single entry that cannot be understood makes the whole of it no list: better none than half. */
export function parsePage<S extends TSchema>(schema: S, value: unknown): { pages: number; list: Static<S>[] } | null {
  if (!Check(Page, value)) return null;
  const list = value.list.flatMap((one) => parsed(schema, one) ?? []);
  return list.length === value.list.length ? { pages: value.pages, list } : null;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** null: not told, or never heard. */
export const percent = (told: number | null | undefined): number | null =>
  told === undefined || told === null || told < 0 ? null : told;
