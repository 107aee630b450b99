/**
 * Each route's schemas are compiled by the first request that needs them. Compiling all of them took longer than the rest
 * of a start, and a guest who stands at a machine while the server starts again waits for that.
 */
import createValidators from '@fastify/ajv-compiler';
import createSerializers from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;
type Validators = ReturnType<typeof createValidators>;
type Compile = ReturnType<Validators>;

const buildValidator = (...o: Parameters<Validators>): Compile => {
  const compile = createValidators()(...o);
  return (wanted) => {
    let made: ReturnType<Compile> | null = null;
    // all that Fastify knows of it: it is called, and then asked what was wrong
    const validate = ((data: unknown) => {
      made ??= compile(wanted);
      const right = made(data);
      validate.errors = made.errors ?? null;
      return right;
    }) as ReturnType<Compile>;
    return validate;
  };
};

const buildSerializer: NonNullable<Compilers['buildSerializer']> = (...o) => {
  const compile = createSerializers()(...o);
  return (wanted) => {
    let made: ReturnType<typeof compile> | null = null;
    return (data) => {
      made ??= compile(wanted);
      return made(data);
    };
  };
};

export const lazySchemas: Compilers = { buildValidator, buildSerializer };
