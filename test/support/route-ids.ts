import type { TSchema } from 'typebox';
import type { DeclaredRoute } from '../../src/http/route-registry.ts';

/**
 * What stands for the ids in declared routes, so that tests can call them all. A path parameter is known by the part of
 * the path before it (`/devices/:id` is `devices/:id`), a field of a body or a query by its name.
 */
export type RouteIds = Readonly<Record<string, string>>;

/** Where a route takes an id. */
export type IdSlot = { where: 'path' | 'body' | 'query'; name: string };

const idField = /^(id|uid|.*(Id|Ids|Uid|Token|Key|Slug))$/;
/** Named like ids, but of somebody else's: a relay's or a lock's own id, our application at TTLock, an app's, a vendor's key or token. */
const notOurs: readonly string[] = [
  'shellyDeviceId',
  'ttlockLockId',
  'hardwareId',
  'clientId',
  'installId',
  'checkoutSessionId',
  'publishableKey',
  'secretKey',
  'authKey',
  'apiKey',
  'refreshToken',
];

export function idSlots(route: DeclaredRoute): IdSlot[] {
  const names = (schema: TSchema | undefined): string[] =>
    fieldsOf(schema).filter((name) => idField.test(name) && !notOurs.includes(name));
  return [
    ...paramsOf(route.url).map((name) => ({ where: 'path' as const, name })),
    ...names(route.query).map((name) => ({ where: 'query' as const, name })),
    ...names(route.body).map((name) => ({ where: 'body' as const, name })),
  ];
}

/** `/api/devices/:id/periods/:periodId` takes `devices/:id` and `periods/:periodId`. */
export function paramsOf(url: string): string[] {
  const parts = url.split('/');
  return parts.flatMap((part, i) => (part.startsWith(':') ? [`${parts[i - 1]}/${part}`] : []));
}

/** The path with its ids and the body with its own; throws for an id that nobody has given, so that no route is forgotten. */
export function filled(route: DeclaredRoute, ids: RouteIds): { path: string; body: unknown } {
  const id = (name: string): string => {
    const value = ids[name];
    if (value === undefined) throw new Error(`${route.url}: the test does not know what to put for ${name}`);
    return value;
  };
  const parts = route.url.split('/');
  const path = parts.map((part, i) => (part.startsWith(':') ? id(`${parts[i - 1]}/${part}`) : part)).join('/');
  const slots = idSlots(route);
  const query = slots.filter(({ where }) => where === 'query').map(({ name }) => `${name}=${id(name)}`);
  const value = (name: string): string | string[] => (name.endsWith('Ids') ? [id(name)] : id(name));
  const inBody = slots.filter(({ where }) => where === 'body').map(({ name }) => [name, value(name)]);
  const example = route.example === undefined ? {} : route.example;
  return {
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    body: route.body === undefined ? undefined : { ...example, ...Object.fromEntries(inBody) },
  };
}

/** The names of an object's fields; of a union, those of every branch. */
export function fieldsOf(schema: TSchema | undefined): string[] {
  if (schema === undefined) return [];
  const { properties, anyOf } = schema as { properties?: Record<string, TSchema>; anyOf?: TSchema[] };
  return [...new Set([...Object.keys(properties ?? {}), ...(anyOf ?? []).flatMap(fieldsOf)])];
}

/** Of the same kind and length, but nobody's. */
export function unknownLike(id: string): string {
  const kept = Math.max(id.indexOf('_') + 1, Math.ceil(id.length / 3));
  return id.slice(0, kept) + id.slice(kept).replaceAll(/[0-9A-Za-z]/g, (letter) => (letter === 'z' ? 'y' : 'z'));
}

/** Server-sent events: such an answer does not end. */
export const isStream = ({ success }: DeclaredRoute): boolean =>
  (success as { description?: string }).description === 'text/event-stream';
