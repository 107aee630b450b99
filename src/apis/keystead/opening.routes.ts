import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Act, OpeningService } from '../../features/access/opening.service.ts';
import { commandUrl } from '../../features/access/refusals.ts';
import type { LockCommandsService, Ran } from '../../features/commands/lock-commands.service.ts';
import type { LocksService } from '../../features/locks/locks.service.ts';
import { defineRoute, sendLater } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { ErrorCode } from '../../rules/errors.ts';
import { notFound } from '../../rules/errors.ts';
import { iso } from '../../rules/instant.ts';

const followed = { commandId: Type.String(), url: Type.String({ description: 'Tells how it went: GET it' }) };
const Confirmed = Type.Object({ outcome: Type.Literal('confirmed'), ...followed });
const Begun = Type.Object({
  outcome: Type.Enum(['accepted', 'unknown'], {
    description: 'accepted: the vendor took it; unknown: nothing was heard. It is not repeated by itself',
  }),
  ...followed,
});
const Command = Type.Object({
  id: Type.String(),
  kind: Type.String({ examples: ['unlock'] }),
  lockId: Type.String(),
  outcome: Type.Enum(['pending', 'confirmed', 'accepted', 'refused', 'unknown']),
  reason: Nullable(Type.String({ description: 'Why it was surely not done' })),
  detail: Nullable(Type.String()),
  askedAt: Instant,
  finishedAt: Nullable(Instant),
  provedAt: Nullable(Instant),
});
const Named = Type.Object({ id: Type.String() });
const shared = { access: 'staff', family: 'keystead', tag: 'Locks', source: import.meta.url } as const;
const errors: ErrorCode[] = [
  'UNAUTHORIZED',
  'NOT_FOUND',
  'ACCESS_DENIED',
  'NOT_SUPPORTED',
  'NOT_CONFIGURED',
  'CONFLICT',
  'UPSTREAM_ERROR',
  'UPSTREAM_TIMEOUT',
  'UNAVAILABLE',
];
const words: Record<Act, string> = { unlock: 'Open', lock: 'Lock' };

type Deps = {
  opening: OpeningService;
  locks: LocksService;
  lockCommands: LockCommandsService;
  clock: { now(): number };
};

/** Staff's hand on a lock, with an honest answer: seen done, begun, or surely not done and why. */
export function openingRoutes(app: FastifyInstance, { opening, locks, lockCommands, clock }: Deps): void {
  for (const act of ['unlock', 'lock'] as const) {
    for (const what of ['door', 'lock'] as const) {
      defineRoute(app, {
        ...shared,
        method: 'POST',
        url: `/api/${what}s/:id/${act}`,
        summary: `${words[act]} a ${what}`,
        purpose:
          '200: it was seen done. 202: the vendor took it, or nothing was heard of it; follow the url. Errors: it was surely not done, for the reason that is given. Answered within 15 seconds.',
        params: Named,
        success: Confirmed,
        accepted: Begun,
        errors,
        handler: async ({ params, actor, reply }) =>
          answer(await opening.byStaff(actor, what === 'door' ? { door: params.id } : { lock: params.id }, act), reply),
      });
    }
  }
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/commands/:id',
    summary: 'Get a command to a lock',
    purpose: 'How it went; provedAt: what was accepted or unknown was seen to be so later.',
    params: Named,
    success: Command,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => {
      const row = await lockCommands.find(actor.organizationId, params.id);
      const lock = row === null ? null : await locks.visible(actor, row.lock_id);
      if (row === null || lock === null) throw notFound('Command not found');
      const isOver = row.lease_until <= clock.now();
      const given = row.outcome ?? (isOver ? ('unknown' as const) : ('pending' as const));
      return {
        id: row.id,
        kind: row.kind,
        lockId: row.lock_id,
        outcome: given,
        reason: row.reason,
        detail: row.detail,
        askedAt: iso(row.asked_at),
        finishedAt: iso(row.finished_at),
        provedAt: iso(row.proved_at),
      };
    },
  });
}

function answer({ outcome, commandId }: Ran, reply: FastifyReply) {
  const followable = { commandId, url: commandUrl(commandId) };
  switch (outcome.kind) {
    case 'confirmed':
      return { outcome: outcome.kind, ...followable };
    case 'accepted':
    case 'unknown':
      return sendLater(reply, { outcome: outcome.kind, ...followable });
    case 'refused':
      throw new Error('a refusal is thrown where it is met');
    default:
      return assertNever(outcome);
  }
}
