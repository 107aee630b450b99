/**
 * How the Yale/August API is mounted: each operation is declared once, and stands under /yale; for hosts that are named in
 * YALE_HOSTS also at the root, because some clients hard-code root paths.
 */
import type { FastifyInstance } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import { type Access, defineRoute, type RouteDeclaration } from '../../http/route.ts';

/** Where operations are added. */
export type YaleApi = { app: FastifyInstance; hosts: RegExp | null };

type Declared<
  A extends Access,
  P extends TObject | undefined,
  Q extends TObject | undefined,
  B extends TSchema | undefined,
  O extends boolean,
  S extends TSchema,
> = Omit<RouteDeclaration<A, P, Q, B, O, S>, 'url' | 'family' | 'tag' | 'hosts'> & {
  /** The path as the contract has it, and other spellings of it. */
  url: string | readonly [string, ...string[]];
};

export function yaleRoute<
  A extends Access,
  S extends TSchema,
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
  O extends boolean = false,
>({ app, hosts }: YaleApi, { url, ...route }: Declared<A, P, Q, B, O, S>): void {
  for (const path of typeof url === 'string' ? [url] : url) {
    defineRoute<A, S, P, Q, B, O>(app, { ...route, url: `/yale${path}`, family: 'yale', tag: 'Yale and August' });
    if (hosts !== null)
      defineRoute<A, S, P, Q, B, O>(app, { ...route, url: path, hosts, family: 'yale', tag: 'Yale and August' });
  }
}
