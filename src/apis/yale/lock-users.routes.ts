import { Type } from 'typebox';
import type { LockUsersService } from '../../features/lock-users/lock-users.service.ts';
import { invalid } from '../../rules/errors.ts';
import { lockRoles } from '../../rules/lock-users/roles.ts';
import { type Identifier, identifierOf } from '../../rules/people/identifier.ts';
import { LockID, Success, success } from './words.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const otherUserID = Type.String({ maxLength: 330, description: 'A user id, or `email:…`, `phone:+…`' });
const type = Type.Enum([...lockRoles]);
const errors = ['VALIDATION_ERROR', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'] as const;

/** Who is on a lock. */
export function lockUserRoutes(api: YaleApi, { lockUsers }: { lockUsers: LockUsersService }): void {
  const shared = { access: 'caller', errors, source: import.meta.url } as const;

  yaleRoute(api, {
    ...shared,
    method: 'PUT',
    url: '/locks/adduser/:lockID/:otherUserID/:type',
    summary: 'Add a user to a lock',
    purpose:
      'By managers and superusers, who give no more than they have. An address or number that nobody has yet is invited.',
    params: Type.Object({ lockID: LockID, otherUserID, type }),
    body: Type.Object({
      Name: Type.Optional(Type.Union([Type.String({ maxLength: 120 }), Type.Null()])),
      returnInvited: Type.Optional(Type.Boolean()),
    }),
    optionalBody: true,
    example: { Name: 'Anna', options: { isUpdatingPermissions: true }, returnInvited: true },
    success: Type.Object({ message: Type.String(), invitedUserID: Type.Optional(Type.String()) }),
    handler: async ({ caller, params, body }) => {
      const who = named(params.otherUserID);
      const person = await lockUsers.add(caller, params.lockID, who, { role: params.type, name: body?.Name ?? null });
      return { ...success, ...(body?.returnInvited === true ? { invitedUserID: person.uuid } : {}) };
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'PUT',
    url: '/locks/:lockID/:otherUserID/:type',
    summary: 'Change what a user of a lock is',
    purpose: 'By superusers; also of somebody who was invited. The last superuser stays one.',
    params: Type.Object({ lockID: LockID, otherUserID, type }),
    success: Success,
    handler: async ({ caller, params }) => {
      await lockUsers.change(caller, params.lockID, named(params.otherUserID), params.type);
      return success;
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'DELETE',
    url: '/locks/:lockID/:otherUserID',
    summary: 'Take a user off a lock',
    purpose: 'Their codes on it go as well. Everybody may take themselves off; the last superuser stays.',
    params: Type.Object({ lockID: LockID, otherUserID }),
    success: Success,
    handler: async ({ caller, params }) => {
      await lockUsers.remove(caller, params.lockID, named(params.otherUserID));
      return success;
    },
  });
}

function named(text: string): Identifier {
  const who = identifierOf(text);
  if (who !== null) return who;
  throw invalid('otherUserID', 'otherUserID must be a user id, or email: or phone: and what follows');
}
