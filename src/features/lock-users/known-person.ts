import type { Tx } from '../../database/open.ts';
import type { Caller } from '../../rules/accounts/caller.ts';
import type { Identifier } from '../../rules/people/identifier.ts';
import type { Accounts } from '../accounts/accounts.service.ts';
import type { PeopleService, PersonRow } from '../people/people.service.ts';

type Deps = {
  people: Pick<PeopleService, 'by' | 'named'>;
  accounts: Pick<Accounts, 'byEmail' | 'personOf'>;
};

/** Whom a caller means by an id, an address or a number; an account's e-mail goes first. null: nobody. */
export const createKnownPerson =
  ({ people, accounts }: Deps) =>
  async (tx: Tx, { organizationId }: Caller, who: Identifier): Promise<PersonRow | null> => {
    const account = who.kind === 'email' ? await accounts.byEmail(organizationId, who.email, tx) : null;
    if (account === null) return people.by(organizationId, who, tx);
    return people.named(organizationId, String(await accounts.personOf(tx, account)), tx);
  };
