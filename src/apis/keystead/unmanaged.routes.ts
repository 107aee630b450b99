import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { LocksService } from '../../features/locks/locks.service.ts';
import type { Unmanaged } from '../../features/pins/unmanaged.service.ts';
import type { ZoneOf } from '../../features/pins/zone-of-lock.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';
import { Pin, pinView, UnmanagedCode, unmanagedView } from './pin-view.ts';

const Locked = Type.Object({ id: Type.String() });
const Named = Type.Object({ id: Type.String(), reference: Type.String({ maxLength: 200 }) });
const shared = { family: 'keystead', tag: 'PINs', source: import.meta.url } as const;

type Deps = { unmanaged: Unmanaged; locks: LocksService; zoneOf: ZoneOf; clock: { now(): number } };

/** Codes that were found on a lock and not set from here. */
export function unmanagedRoutes(app: FastifyInstance, { unmanaged, locks, zoneOf, clock }: Deps): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locks/:id/unmanaged',
    access: 'staff',
    summary: 'List codes that were not set from here',
    purpose:
      'As they were seen when the codes of the lock were read last. What becomes of them is the rule of the lock.',
    params: Locked,
    success: Type.Array(UnmanagedCode),
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => (await unmanaged.list(actor, params.id)).map(unmanagedView),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/locks/:id/unmanaged/:reference/adopt',
    access: 'admin',
    summary: 'Adopt such a code',
    purpose: 'It is a PIN like those set from here, and stays where it is.',
    params: Named,
    body: Type.Object({
      label: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
      pin: Type.Optional(Type.String({ maxLength: 20, description: 'Where the lock does not tell the digits' })),
    }),
    optionalBody: true,
    example: { label: 'Caretaker' },
    success: Pin,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, body, actor }) => {
      const { row, pin } = await unmanaged.adopt(actor, params.id, params.reference, body ?? {});
      return pinView(row, pin, { zone: await zoneOf(await locks.get(actor, params.id)), now: clock.now() });
    },
  });
  for (const [act, summary, purpose] of [
    ['remove', 'Take such a code away', 'It is taken off the lock as soon as the lock can be reached.'],
    ['ignore', 'Leave such a code alone', 'It stays on the lock, and nobody is told of it any more.'],
  ] as const) {
    defineRoute(app, {
      ...shared,
      method: 'POST',
      url: `/api/locks/:id/unmanaged/:reference/${act}`,
      access: 'admin',
      summary,
      purpose,
      params: Named,
      success: UnmanagedCode,
      errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
      handler: async ({ params, actor }) => unmanagedView(await unmanaged[act](actor, params.id, params.reference)),
    });
  }
}
