import { type TSchema, Type } from 'typebox';

/** Shapes that many answers share. */
export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const Instant = Type.String({ description: 'ISO-8601 in UTC', examples: ['2026-03-01T14:00:00.000Z'] });
export const Money = Type.Integer({
  minimum: 0,
  maximum: 99_999_999,
  description: 'Minor units of the currency: 250 is €2.50',
});
export const Ok = Type.Object({ ok: Type.Literal(true) });
export const ok = { ok: true as const };
