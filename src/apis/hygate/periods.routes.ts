import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { finishOf, type PlanRow, type PlansService } from '../../features/devices/plans.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Money, Nullable, Ok, ok } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

const Finish = Nullable(
  Type.Object(
    {
      belowWatts: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
      afterMinutes: Type.Integer({ minimum: 1, maximum: 240 }),
    },
    {
      additionalProperties: false,
      description:
        'A machine that worked and then draws less for so long has finished: the run ends early, delivered in full',
    },
  ),
);
const Period = Type.Object({
  id: Type.String(),
  deviceId: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  duration: Type.Integer(),
  delayMinutes: Type.Integer(),
  price: Type.Integer(),
  sortOrder: Type.Integer(),
  active: Type.Boolean(),
  finish: Finish,
  createdAt: Instant,
  updatedAt: Instant,
});
const fields = {
  name: Type.String({ maxLength: 200 }),
  description: Nullable(Type.String({ maxLength: 1000 })),
  duration: Type.Integer({ minimum: 1, maximum: 1440, description: 'Minutes the relay is on' }),
  delayMinutes: Type.Integer({ minimum: 0, maximum: 1440, description: 'Minutes from payment to relay on' }),
  price: Money,
  sortOrder: Type.Integer({ minimum: 0, maximum: 100_000 }),
  active: Type.Boolean({ description: 'Only active plans are offered' }),
  finish: Finish,
};
const Change = Type.Partial(Type.Object(fields));
const Create = Type.Object({ ...Change.properties, name: fields.name, duration: fields.duration, price: fields.price });
const OfDevice = Type.Object({ id: Type.String() });
const Named = Type.Object({ id: Type.String(), periodId: Type.String() });
const example = { name: 'Standard Wash', duration: 60, delayMinutes: 5, price: 250 };
const shared = { family: 'hygate', tag: 'Usage plans', source: import.meta.url } as const;

/** Reference: seeds/hygate-api-reference.txt, Devices; PATCH is ours (the original has no verb for it). */
export function periodRoutes(app: FastifyInstance, { plans }: { plans: PlansService }): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/devices/:id/periods',
    access: 'staff',
    summary: 'List usage plans',
    purpose: 'What the device sells, in the order guests see, inactive ones included.',
    params: OfDevice,
    success: Type.Array(Period),
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => (await plans.list(actor, params.id)).map(view),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/devices/:id/periods',
    access: 'admin',
    summary: 'Create a usage plan',
    purpose: 'Price 0 starts without payment. A price below what cards can be charged is refused.',
    params: OfDevice,
    body: Create,
    example,
    success: Period,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, body, actor }) => view(await plans.create(actor, params.id, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/devices/:id/periods/:periodId',
    access: 'admin',
    summary: 'Change a usage plan',
    purpose: 'Sessions already bought keep what was bought.',
    params: Named,
    body: Change,
    example: { price: 300 },
    success: Period,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, body, actor }) => view(await plans.change(actor, params.id, params.periodId, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/devices/:id/periods/:periodId',
    access: 'admin',
    summary: 'Delete a usage plan',
    purpose: 'It is offered no longer; sessions and payments still name it.',
    params: Named,
    success: Ok,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, actor }) => {
      await plans.remove(actor, params.id, params.periodId);
      return ok;
    },
  });
}

const view = (row: PlanRow): Static<typeof Period> => ({
  id: row.id,
  deviceId: row.device_id,
  name: row.name,
  description: row.description,
  duration: row.duration_minutes,
  delayMinutes: row.delay_minutes,
  price: row.price,
  sortOrder: row.sort_order,
  active: row.active,
  finish: finishOf(row),
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
