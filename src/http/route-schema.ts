import type { TSchema } from 'typebox';

type JsonSchema = Record<string, unknown>;

/** The schema of a body: objects that do not say otherwise refuse unknown fields, at every depth. */
export const bodySchema = (schema: TSchema): TSchema => closed(schema);

/** For Fastify's validator no body at all is null. `nullable` rather than a union: errors then name the field. */
export const orNothing = (schema: TSchema): TSchema => ({ ...schema, nullable: true });

/** A plain copy: Ajv wants JSON Schema, nothing of TypeBox's own. */
export const openSchema = (schema: TSchema): TSchema => ({ ...schema });

function closed(schema: unknown): JsonSchema {
  const result: JsonSchema = { ...object(schema) };
  for (const key of ['anyOf', 'oneOf', 'prefixItems']) {
    const list = result[key];
    if (Array.isArray(list)) result[key] = list.map(closed);
  }
  if (isObject(result.items)) result.items = closed(result.items);
  if (isObject(result.properties)) {
    result.properties = Object.fromEntries(
      Object.entries(result.properties).map(([name, property]) => [name, closed(property)]),
    );
    result.additionalProperties ??= false;
  }
  return result;
}

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value: unknown): JsonSchema => (isObject(value) ? value : {});
