import { Type } from 'typebox';
import type { ExcludedLocksService } from '../../features/lock-users/excluded-locks.service.ts';
import { namesOf } from '../../features/people/people.service.ts';
import type { SubUsersService } from '../../features/sub-users/sub-users.service.ts';
import { queryInteger, readInteger } from '../../http/query.ts';
import { invalid } from '../../rules/errors.ts';
import { OfLock, Success, success } from './words.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const mostPerPage = 1000;
const name = Type.String({ minLength: 1, maxLength: 200 });

/** What programs do that have a permission for it: sub-users, and locks that they leave alone. */
export function partnerRoutes(
  api: YaleApi,
  { subUsers, excludedLocks }: { subUsers: SubUsersService; excludedLocks: ExcludedLocksService },
): void {
  const shared = { access: 'caller', source: import.meta.url } as const;

  yaleRoute(api, {
    ...shared,
    method: 'POST',
    url: '/partners/sub-user',
    summary: 'Make or get a sub-user, with a token',
    purpose: 'One of that partnerUserID is made where there is none yet. Needs `users:sub-user:create`.',
    body: Type.Object({ partnerUserID: name, firstName: name, lastName: name }),
    example: { partnerUserID: 'guest-17', firstName: 'Anna', lastName: 'Schmidt' },
    success: Type.Object({
      access_token: Type.String(),
      firstName: Type.String(),
      lastName: Type.String(),
      userID: Type.String(),
      userCreated: Type.Boolean(),
    }),
    errors: ['VALIDATION_ERROR', 'FORBIDDEN'],
    handler: async ({ caller, body: { partnerUserID, firstName, lastName } }) => {
      const made = await subUsers.token(caller, { partnerUserId: partnerUserID, firstName, lastName });
      const { person, created, token } = made;
      return { access_token: token, ...namesOf(person), userID: person.uuid, userCreated: created };
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/partners/sub-user',
    summary: 'The caller’s sub-users',
    purpose: 'Those that this program made for the caller. A page behind the last is an error.',
    query: Type.Object({ page: queryInteger('From 1'), pageSize: queryInteger(`1 to ${mostPerPage}`) }),
    success: Type.Object({
      totalRecords: Type.Integer(),
      currentPage: Type.Integer(),
      pageRecordStart: Type.Integer(),
      pageRecordEnd: Type.Integer(),
      totalPages: Type.Integer(),
      subUsers: Type.Array(
        Type.Object({
          userID: Type.String(),
          firstName: Type.String(),
          lastName: Type.String(),
          userOwnerID: Type.String(),
          partnerUserID: Type.String(),
        }),
      ),
    }),
    errors: ['VALIDATION_ERROR', 'FORBIDDEN'],
    handler: async ({ caller, query }) => {
      const page = readInteger(query.page, 'page', { minimum: 1, maximum: 1_000_000 }) ?? 1;
      const pageSize = readInteger(query.pageSize, 'pageSize', { minimum: 1, maximum: mostPerPage }) ?? mostPerPage;
      const offset = (page - 1) * pageSize;
      const { total, rows } = await subUsers.list(caller, { offset, limit: pageSize });
      const totalPages = Math.ceil(total / pageSize);
      if (page > Math.max(1, totalPages)) throw invalid('page', `page must be at most ${Math.max(1, totalPages)}`);
      return {
        totalRecords: total,
        currentPage: page,
        pageRecordStart: rows.length === 0 ? 0 : offset + 1,
        pageRecordEnd: offset + rows.length,
        totalPages,
        subUsers: rows.map((row) => ({
          userID: row.uuid,
          ...namesOf(row),
          userOwnerID: caller.person.uuid,
          partnerUserID: row.partner_user_id ?? '',
        })),
      };
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/partners/excludedlocks/mine',
    summary: 'Locks that this program leaves alone',
    purpose: 'Of those that the caller owns. Needs `partners:excluded_lock_mgmt`.',
    success: Type.Object({ lockIDs: Type.Array(Type.String()) }),
    errors: ['FORBIDDEN'],
    handler: async ({ caller }) => ({ lockIDs: await excludedLocks.mine(caller) }),
  });

  for (const [method, excluded] of [
    ['POST', true],
    ['DELETE', false],
  ] as const) {
    yaleRoute(api, {
      ...shared,
      method,
      url: '/partners/excludedlocks/:lockID',
      summary: excluded ? 'Exclude a lock' : 'Take a lock in again',
      purpose: excluded
        ? 'It stands in no list of this program any more, and every operation on it is 403. By superusers.'
        : 'The program may use it as before. By superusers.',
      params: OfLock,
      success: Success,
      errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'FORBIDDEN'],
      handler: async ({ caller, params }) => {
        await excludedLocks.set(caller, params.lockID, excluded);
        return success;
      },
    });
  }
}
