/**
 * People whom a program makes for somebody, without an address of their own: known by what the program calls them. Their
 * token is theirs, and ends with the account of whoever they were made for.
 */
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import { actorOf, type Caller } from '../../rules/accounts/caller.ts';
import { Problem } from '../../rules/errors.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { GrantsService } from '../grants/grants.service.ts';
import type { PeopleService, PersonRow } from '../people/people.service.ts';

export type SubUserInput = { partnerUserId: string; firstName: string; lastName: string };

type Deps = {
  database: Database;
  people: Pick<PeopleService, 'add' | 'byPartnerUser' | 'subUsers'>;
  grants: Pick<GrantsService, 'begin'>;
  audit: Audit;
};

export function createSubUsers({ database, people, grants, audit }: Deps) {
  /** The one of that name, made where there is none yet, with a token; 403 where somebody else has one of that name. */
  async function token(
    caller: Caller,
    input: SubUserInput,
  ): Promise<{ person: PersonRow; created: boolean; token: string }> {
    permitted(caller);
    return database.transaction('sub-user', async (tx) => {
      const { person, created } = await one(tx, caller, input);
      const begun = await grants.begin(tx, {
        program: caller.program,
        personId: person.id,
        accountId: null,
        kind: 'sub-user',
        installId: null,
        verified: true,
        ownerAccountId: caller.account?.id ?? null,
      });
      await audit.append(tx, {
        organizationId: caller.organizationId,
        category: 'people',
        action: created ? 'sub-user made' : 'token for a sub-user',
        actor: actorOf(caller),
        entity: 'Person',
        entityId: String(person.id),
        details: { apiClientId: caller.program.id, grantId: begun.grantId, ownerId: caller.person.id },
        personal: { name: person.name, partnerUserId: input.partnerUserId },
      });
      return { person, created, token: begun.token };
    });
  }

  /** The person alone, within another use case; the caller's permission is asked there. */
  async function one(tx: Tx, caller: Caller, input: SubUserInput): Promise<{ person: PersonRow; created: boolean }> {
    const { organizationId, program } = caller;
    const name = required('partnerUserID', input.partnerUserId, 200);
    await standInLine(tx, 'sub-user', organizationId, `${program.id} ${name}`);
    const known = await people.byPartnerUser(tx, program, name);
    const own = known.find((person) => person.owner_person_id === caller.person.id);
    if (own !== undefined) return { person: own, created: false };
    if (known.length > 0) throw new Problem('FORBIDDEN', 'This partnerUserID belongs to another user');
    const firstName = required('firstName', input.firstName, 60);
    const lastName = required('lastName', input.lastName, 60);
    const person = await people.add(tx, organizationId, {
      name: `${firstName} ${lastName}`,
      first_name: firstName,
      last_name: lastName,
      owner_person_id: caller.person.id,
      partner_user_id: name,
      api_client_id: program.id,
    });
    return { person, created: true };
  }

  async function list(caller: Caller, page: { offset: number; limit: number }) {
    permitted(caller);
    return people.subUsers(caller.program, caller.person.id, page);
  }

  return { token, one, list };
}

export type SubUsersService = ReturnType<typeof createSubUsers>;

function permitted({ program, grantKind }: Caller): void {
  if (!program.scopes.includes('users:sub-user:create')) {
    throw new Problem('FORBIDDEN', 'This client lacks the permission users:sub-user:create');
  }
  if (grantKind === 'sub-user') throw new Problem('FORBIDDEN', 'A sub-user makes no sub-users');
}
