import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import { defineRoute } from './route.ts';

/** Something without which the server cannot do its work; null is ready, a sentence says what is not. */
export type ReadyCheck = { name: string; check(): Promise<string | null> };

/** Something that a person should see to, and that stops no work; null: nothing. */
export type ReadyWarning = { name: string; warning(): string | null };

const Warned = Type.Object({
  ok: Type.Literal(true),
  warnings: Type.Optional(
    Type.Array(Type.Object({ name: Type.String({ examples: ['clock'] }), reason: Type.String() }), {
      description: 'What a person should see to, where there is something',
    }),
  ),
});
const Ok = Type.Object({ ok: Type.Literal(true) });
const patience = 3_000;

export function healthRoutes(
  app: FastifyInstance,
  o: { checks: readonly ReadyCheck[]; warnings: readonly ReadyWarning[]; clock: Clock },
): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/health',
    access: 'public',
    family: 'ring',
    summary: 'Is the process alive',
    purpose: 'Answers while the process runs, whatever else is wrong.',
    tag: 'Health',
    success: Ok,
    errors: [],
    source: import.meta.url,
    handler: async () => ({ ok: true as const }),
  });

  defineRoute(app, {
    method: 'GET',
    url: '/api/ready',
    access: 'public',
    family: 'keystead',
    summary: 'Can the server do its work',
    purpose:
      'For load balancers and supervisors: 503 with what is not ready, such as the database. What a person should see to, such as a clock that differs, is told and takes no process out of service.',
    tag: 'Health',
    success: Warned,
    errors: ['UNAVAILABLE'],
    source: import.meta.url,
    handler: async () => {
      const answers = await Promise.all(o.checks.map((check) => ask(check, o.clock)));
      const notReady = answers.filter((answer) => answer !== null);
      if (notReady.length > 0)
        throw new Problem('UNAVAILABLE', 'Not ready', { retryAfterSeconds: 5, facts: { notReady } });
      const warnings = o.warnings.flatMap(({ name, warning }) => {
        const reason = warning();
        return reason === null ? [] : [{ name, reason }];
      });
      return { ok: true as const, ...(warnings.length === 0 ? {} : { warnings }) };
    },
  });
}

async function ask(check: ReadyCheck, clock: Clock): Promise<{ name: string; reason: string } | null> {
  const answered = new AbortController();
  const late = clock.sleep(patience, answered.signal).then(() => 'does not answer');
  const said = check.check().catch(() => 'fails'); // the cause is in the log of whoever failed, not on a public page
  const reason = await Promise.race([said, late]);
  answered.abort();
  return reason === null ? null : { name: check.name, reason };
}
