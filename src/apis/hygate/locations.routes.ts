import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { LocationRow, LocationsService } from '../../features/locations/locations.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable, Ok, ok } from '../../http/shapes.ts';
import { Problem } from '../../rules/errors.ts';
import { iso } from '../../rules/instant.ts';
import {
  Holidays,
  HolidaysBody,
  LastStart,
  OpeningHoursBody,
  OpeningHoursShown,
  shownHours,
} from './opening-hours.schemas.ts';

const Location = Type.Object({
  id: Type.String(),
  name: Type.String(),
  address: Nullable(Type.String()),
  timeZone: Type.String({ examples: ['Europe/Berlin'] }),
  openingHours: OpeningHoursShown,
  holidays: Holidays,
  lastStart: LastStart,
  createdAt: Instant,
  updatedAt: Instant,
});
const fields = {
  name: Type.String({ maxLength: 200 }),
  address: Nullable(Type.String({ maxLength: 500 })),
  timeZone: Type.String({ maxLength: 64, description: 'IANA zone; that of the settings when left out' }),
  openingHours: OpeningHoursBody,
  holidays: HolidaysBody,
  lastStart: LastStart,
};
const Create = Type.Object({ ...Type.Partial(Type.Object(fields)).properties, name: fields.name });
const Change = Type.Partial(Type.Object(fields));
const Named = Type.Object({ id: Type.String() });
const example = { name: 'Downtown Property', address: '1 Main Street', timeZone: 'Europe/Berlin' };
const shared = { family: 'hygate', tag: 'Locations', source: import.meta.url } as const;

/** Reference: seeds/hygate-api-reference.txt, Locations. Operators rename; creating and deleting is for administrators. */
export function locationRoutes(
  app: FastifyInstance,
  { locations, publicUrl }: { locations: LocationsService; publicUrl: string },
): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locations',
    access: 'staff',
    summary: 'List all locations',
    purpose: 'Buildings and sites in the scope of the caller.',
    query: Type.Object(listQuery),
    success: Type.Array(Location),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const rows = await locations.list(actor, { limit: page.fetch, after: page.after ?? null });
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }).map(view);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/locations',
    access: 'admin',
    summary: 'Create a location',
    purpose:
      'A building or site; its time zone rules the opening hours and reports of what stands in it. Without opening hours it is always open.',
    body: Create,
    example,
    success: Location,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ body, actor }) => view(await locations.create(actor, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locations/:id',
    access: 'staff',
    summary: 'Get location details',
    purpose: 'One location.',
    params: Named,
    success: Location,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await locations.get(actor, params.id)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/locations/:id',
    access: 'staff',
    summary: 'Update a location',
    purpose:
      'Name and address by all staff; time zone, opening hours and holidays by administrators. null takes them away.',
    params: Named,
    body: Change,
    example: { name: 'Downtown' },
    success: Location,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, body, actor }) => {
      const { name: _name, address: _address, ...rest } = body;
      if (Object.keys(rest).length > 0 && actor.role !== 'admin') throw new Problem('FORBIDDEN');
      return view(await locations.change(actor, params.id, body));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/locations/:id',
    access: 'admin',
    summary: 'Delete a location',
    purpose: 'Its doors and devices stay, at no location. Refused in an emergency, which has to be ended first.',
    params: Named,
    success: Ok,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, actor }) => {
      await locations.remove(actor, params.id);
      return ok;
    },
  });
}

const view = (row: LocationRow): Static<typeof Location> => ({
  id: row.id,
  name: row.name,
  address: row.address,
  timeZone: row.time_zone,
  openingHours: shownHours(row.opening_hours),
  holidays: row.holidays,
  lastStart: row.last_start,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
