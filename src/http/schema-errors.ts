import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { invalid, type Problem } from '../rules/errors.ts';

/** Ajv's complaint as a Problem that names the field as a path: `items[0].name`. */
export function schemaProblem(errors: FastifySchemaValidationError[], part: string): Problem {
  // of a union Ajv tells every branch; the union itself is what the caller can place
  const union = errors.find((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf');
  const branchesAgree = new Set(errors.map((error) => error.instancePath)).size === 1;
  const error = union !== undefined && !branchesAgree ? union : errors[0];
  if (error === undefined) return invalid(part, 'Invalid request data');
  const { missingProperty, additionalProperty } = error.params;
  const path = fieldPath(error.instancePath, missingProperty ?? additionalProperty);
  const field = path === '' ? part : path;
  if (typeof missingProperty === 'string') return invalid(field, `${field} is required`);
  if (typeof additionalProperty === 'string') return invalid(field, `${field} is not a known field`);
  return invalid(field, `${field} ${complaint(error)}`);
}

function complaint(error: FastifySchemaValidationError): string {
  const { allowedValues } = error.params;
  if (Array.isArray(allowedValues)) return `must be one of ${allowedValues.join(', ')}`;
  return error.message ?? 'is not valid';
}

function fieldPath(pointer: string, last: unknown): string {
  const parts = pointer.split('/').slice(1);
  const names = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (typeof last === 'string') names.push(last);
  return names.reduce((path, name) => {
    if (/^\d+$/.test(name)) return `${path}[${name}]`;
    return path === '' ? name : `${path}.${name}`;
  }, '');
}
