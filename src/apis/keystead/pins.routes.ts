import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { LocksService } from '../../features/locks/locks.service.ts';
import type { PinInput, PinRow, PinsService } from '../../features/pins/pins.service.ts';
import type { ZoneOf } from '../../features/pins/zone-of-lock.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { readInstant } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { ErrorCode } from '../../rules/errors.ts';
import { accessTypes } from '../../rules/pins/formats.ts';
import { Pin, pinView } from './pin-view.ts';

const text = (maxLength: number, description: string) => Type.Optional(Type.String({ maxLength, description }));
const fields = Type.Object({
  pin: Type.Optional(Nullable(Type.String({ maxLength: 20, description: 'Digits; left out: they are chosen' }))),
  label: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  personId: Type.Optional(Nullable(Type.Union([Type.Integer(), Type.String({ maxLength: 40 })]))),
  accessType: Type.Optional(Type.Enum([...accessTypes], { description: 'always, if left out' })),
  from: text(40, 'ISO-8601; now, if left out'),
  until: text(40, 'ISO-8601'),
  rule: text(500, 'RRULE of RFC 5545, for recurring'),
  startSecond: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_399, description: 'From midnight, at the lock' })),
  endSecond: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
  accessTimes: text(200, 'DTSTART=…;DTEND=… or STARTSEC=…;ENDSEC=…, in place of the fields above'),
  accessRecurrence: text(500, 'The body of an RRULE'),
  schedule: text(5000, 'iCalendar text, in place of both'),
});
const Locked = Type.Object({ id: Type.String() });
const Named = Type.Object({ id: Type.String(), pinId: Type.String() });
const shared = { access: 'staff', family: 'keystead', tag: 'PINs', source: import.meta.url } as const;
const changing: ErrorCode[] = ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND', 'CONFLICT'];

type Deps = {
  pins: PinsService;
  locks: LocksService;
  zoneOf: ZoneOf;
  publicUrl: string;
  clock: { now(): number };
};

/** Codes on a lock. A change is written down and answered at once; the state tells when it is on the lock. */
export function pinRoutes(app: FastifyInstance, { pins, locks, zoneOf, publicUrl, clock }: Deps): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locks/:id/pins',
    summary: 'List PINs of a lock',
    purpose: 'Codes that are on the lock or shall be, oldest first, without their digits.',
    params: Locked,
    query: Type.Object(listQuery),
    success: Type.Array(Pin),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, query, actor, request, reply }) => {
      const page = pageOf(query);
      const rows = await pins.list(actor, params.id, { limit: page.fetch, after: page.after ?? null });
      const shown = sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id });
      const now = clock.now();
      const zone = await zoneOf(await locks.get(actor, params.id));
      return shown.map((row) => pinView(row, null, { zone, now }));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/locks/:id/pins',
    summary: 'Create a PIN',
    purpose:
      'Written down and sealed; it goes on the lock as soon as its time is near. Digits that are somebody else’s on this lock are refused, naming whose they are.',
    params: Locked,
    body: fields,
    example: { label: 'Anna', accessType: 'temporary', until: '2099-01-01T10:00:00Z' },
    success: Pin,
    errors: changing,
    handler: async ({ params, body, actor }) => {
      const { row, pin } = await pins.load(actor, params.id, inputOf(body));
      return view(actor, row, pin);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locks/:id/pins/:pinId',
    summary: 'Get a PIN',
    purpose: 'With its digits; that they were read is written into the audit log.',
    params: Named,
    success: Pin,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => {
      const { row, pin } = await pins.reveal(actor, params.id, params.pinId);
      return view(actor, row, pin);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/locks/:id/pins/:pinId',
    summary: 'Change a PIN',
    purpose: 'Other digits, times or names, at once. A code in use stays on the lock until the new one is.',
    params: Named,
    body: fields,
    example: { label: 'Anna' },
    success: Pin,
    errors: changing,
    handler: async ({ params, body, actor }) =>
      view(actor, await pins.update(actor, params.id, params.pinId, inputOf(body)), null),
  });
  for (const [act, summary, purpose] of [
    ['disable', 'Disable a PIN', 'Taken off the lock, and kept to be enabled again.'],
    ['enable', 'Enable a PIN', 'Put on the lock again.'],
  ] as const) {
    defineRoute(app, {
      ...shared,
      method: 'POST',
      url: `/api/locks/:id/pins/:pinId/${act}`,
      summary,
      purpose,
      params: Named,
      success: Pin,
      errors: ['UNAUTHORIZED', 'NOT_FOUND', 'CONFLICT'],
      handler: async ({ params, actor }) => view(actor, await pins[act](actor, params.id, params.pinId), null),
    });
  }
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/locks/:id/pins/:pinId',
    summary: 'Delete a PIN',
    purpose: 'Taken off the lock for good; it is listed as deleting until it was seen off.',
    params: Named,
    success: Pin,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(actor, await pins.remove(actor, params.id, params.pinId), null),
  });

  async function view(actor: Actor, row: PinRow, pin: string | null): Promise<Static<typeof Pin>> {
    return pinView(row, pin, { zone: await zoneOf(await locks.get(actor, row.lock_id)), now: clock.now() });
  }
}

function inputOf({ from, until, ...rest }: Static<typeof fields>): PinInput {
  const [begin, end] = [readInstant(from, 'from'), readInstant(until, 'until')];
  return { ...rest, ...(begin === undefined ? {} : { from: begin }), ...(end === undefined ? {} : { until: end }) };
}
