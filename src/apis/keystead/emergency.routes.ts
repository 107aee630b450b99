import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { EmergencyService, ModeRow } from '../../features/access/emergency.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

const Mode = Type.Object({
  mode: Type.Enum(['normal', 'lockdown', 'open-all']),
  since: Nullable(Instant),
  people: Type.Array(Type.Integer({ description: 'Who may still enter in a lockdown' })),
  accounts: Type.Array(Type.String()),
  by: Nullable(Type.String({ description: 'The account that ordered it' })),
});
const Ordered = Type.Object({
  ...Mode.properties,
  doors: Type.Array(
    Type.Object({
      doorId: Type.String(),
      name: Type.String(),
      outcome: Type.Enum(['confirmed', 'accepted', 'refused', 'unknown', 'pending', 'nothing'], {
        description: 'What its lock did; pending: not heard of yet; nothing: it has none that could',
      }),
      reason: Nullable(Type.String()),
      commandId: Nullable(Type.String()),
    }),
  ),
});
const confirm = Type.Optional(
  Type.Boolean({ description: 'Left out: 409 CONFIRMATION_REQUIRED, with what it would do' }),
);
const Lockdown = Type.Object({
  confirm,
  people: Type.Optional(Type.Array(Type.Integer(), { maxItems: 500 })),
  accounts: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500 })),
});
const Named = Type.Object({ id: Type.String() });
const shared = { access: 'staff', family: 'keystead', tag: 'Locations', source: import.meta.url } as const;
const errors = ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND', 'CONFIRMATION_REQUIRED'] as const;

const buttons = {
  lockdown: [
    'Lock down a location',
    'From now on nothing opens there but for the people and accounts that are named; whoever orders it is among them. Codes of others are taken off the locks as fast as these can be reached, and put on again afterwards. QR codes and codes of the vendor that guests have bought, and what was not set from here, the lock goes on taking: it decides by itself.',
  ],
  'open-all': ['Open all doors of a location', 'Everything opens there, for everybody, until it is undone.'],
  normal: ['End the emergency of a location', 'Undoes a lockdown or an opening: everything is as ever, and locked.'],
} as const;

/** The button for emergencies. Ours. */
export function emergencyRoutes(app: FastifyInstance, { emergency }: { emergency: EmergencyService }): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locations/:id/mode',
    summary: 'Get the mode of a location',
    purpose: 'normal, lockdown or open-all, and since when.',
    params: Named,
    success: Mode,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view((await emergency.mode(actor, params.id)).row),
  });
  for (const mode of ['lockdown', 'open-all', 'normal'] as const) {
    const [summary, purpose] = buttons[mode];
    defineRoute(app, {
      ...shared,
      method: 'POST',
      url: `/api/locations/:id/${mode}`,
      summary,
      purpose: `${purpose} Asks for confirmation; audited. The locks are asked at once, and what they did is told per door.`,
      params: Named,
      body: mode === 'lockdown' ? Lockdown : Type.Object({ confirm }),
      optionalBody: true,
      example: { confirm: true },
      success: Ordered,
      errors: [...errors],
      handler: async ({ params, actor, body }) => {
        const { row, doors } = await emergency.order(actor, params.id, mode, body ?? {});
        return { ...view(row), doors };
      },
    });
  }
}

const view = (row: ModeRow | null) => ({
  mode: row?.mode ?? ('normal' as const),
  since: iso(row?.since ?? null),
  people: row?.people ?? [],
  accounts: row?.accounts ?? [],
  by: row?.account_id ?? null,
});
