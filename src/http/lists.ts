import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../rules/errors.ts';
import { queryInteger, queryText, readInteger } from './query.ts';

/** Lists are bare arrays; the next page stands in the Link header, by the key of the last item, never by an offset. */
export const listQuery = {
  limit: queryInteger('How many at most: 1 to 500, 100 by default'),
  after: queryText('Continues after this key; taken from the Link header of the page before', 512),
};

export type Page = {
  limit: number;
  /** Ask the store for one more than `limit`, so as to know whether there is a next page. */
  fetch: number;
  after: string | undefined;
};

export function pageOf(query: { limit?: string; after?: string }): Page {
  const limit = readInteger(query.limit, 'limit', { minimum: 1, maximum: 500 }) ?? 100;
  return { limit, fetch: limit + 1, after: query.after === '' ? undefined : query.after };
}

/** Cuts the rows to the page and, when there are more, writes the Link to the next. */
export function sendPage<T>(o: {
  request: FastifyRequest;
  reply: FastifyReply;
  publicUrl: string;
  page: Page;
  rows: readonly T[];
  keyOf: (row: T) => string;
}): T[] {
  const shown = o.rows.slice(0, o.page.limit);
  const last = shown.at(-1);
  if (o.rows.length > o.page.limit && last !== undefined) {
    const next = new URL(o.request.url, o.publicUrl);
    next.searchParams.set('after', o.keyOf(last));
    o.reply.header('link', `<${next.href}>; rel="next"`);
  }
  return shown;
}

/** Several values as one key, for lists whose order needs more than an id. */
export function joinKey(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Throws 400 when the key was not made by joinKey with parts of these kinds. */
export function splitKey<const K extends readonly ('string' | 'number')[]>(key: string, kinds: K): KeyParts<K> {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(key, 'base64url').toString('utf8'));
  } catch {
    parts = null;
  }
  if (!Array.isArray(parts) || parts.length !== kinds.length || !kinds.every((kind, i) => typeof parts[i] === kind)) {
    throw invalid('after', 'after must be taken from the Link header of the page before');
  }
  return parts as KeyParts<K>;
}

type KeyParts<K extends readonly ('string' | 'number')[]> = {
  -readonly [I in keyof K]: K[I] extends 'number' ? number : string;
};
