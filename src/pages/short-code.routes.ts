import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { AddressesService, Target } from '../features/addresses/addresses.service.ts';
import type { Tries } from '../features/limits/limits.service.ts';
import { defineRoute } from '../http/route.ts';
import { notFound } from '../rules/errors.ts';
import type { OrganizationId } from '../rules/ids.ts';

type Deps = {
  addresses: AddressesService;
  /** Wrong ones, of one address and of all. */
  guesses: { ofOne: Tries; ofAll: Tries };
  /** The uid that a door or device has now. */
  uidOf(organizationId: OrganizationId, target: Target): Promise<string | null>;
};

/** /p/ABCD12: for people whose camera fails. Leads to the payment page; guesses are counted. */
export function shortCodeRoutes(app: FastifyInstance, { addresses, uidOf, guesses: { ofOne, ofAll } }: Deps): void {
  defineRoute(app, {
    access: 'public',
    family: 'keystead',
    tag: 'Guest pages',
    source: import.meta.url,
    method: 'GET',
    url: '/p/:code',
    summary: 'Short address of a door or device',
    purpose: 'What stands beside the QR code, to be typed: leads to its payment page.',
    params: Type.Object({ code: Type.String() }),
    success: Type.Unknown({ description: 'text/html' }),
    errors: ['NOT_FOUND', 'RATE_LIMITED'],
    handler: async ({ params, request, reply }) => {
      await Promise.all([ofOne.refuse(request.ip), ofAll.refuse('everybody')]);
      const found = await addresses.byCode(params.code);
      const uid = found === null ? null : await uidOf(found.organizationId, found.target);
      if (uid === null) {
        await Promise.all([ofOne.count(request.ip), ofAll.count('everybody')]);
        throw notFound();
      }
      return reply.header('cache-control', 'no-store').redirect(`/pay/${uid}`, 302);
    },
  });
}
