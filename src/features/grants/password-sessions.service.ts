/** Apps that ask for a password themselves, in place of our own page: some programs know no other way. */
import type { Program } from '../../rules/accounts/caller.ts';
import type { GrantId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Identifier } from '../../rules/people/identifier.ts';
import type { Account, Accounts } from '../accounts/accounts.service.ts';
import type { Logins, Proved } from '../accounts/logins.service.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { PeopleService } from '../people/people.service.ts';
import type { GrantsService } from './grants.service.ts';
import { knowsInstall } from './grants.store.ts';

export type SessionTry = {
  identifier: Exclude<Identifier, { kind: 'uuid' }>;
  password: string;
  installId: string;
  ip: string | null;
  userAgent: string | null;
};

/** `known`: the app's installation was confirmed by a mailed code before; else the token is good for that alone. */
export type PasswordSession = {
  token: string;
  expiresAt: Instant;
  grantId: GrantId;
  known: boolean;
  userId: string;
  account: Account;
};

type Deps = {
  logins: Pick<Logins, 'prove'>;
  accounts: Pick<Accounts, 'personOf' | 'ofPerson'>;
  people: Pick<PeopleService, 'by' | 'named'>;
  grants: GrantsService;
  audit: Audit;
};

export function createPasswordSessions({ logins, accounts, people, grants, audit }: Deps) {
  /** Counted, locked and told as any sign-in is. */
  async function begin(program: Program, attempt: SessionTry): Promise<Proved<PasswordSession>> {
    const { password, installId, ip, userAgent } = attempt;
    const { organizationId } = program;
    const name = await nameOf(program, attempt.identifier);
    const login = { by: 'email', name, password, ip, userAgent, within: organizationId } as const;
    return logins.prove(login, async (tx, account): Promise<PasswordSession> => {
      const personId = await accounts.personOf(tx, account);
      const known = await knowsInstall(tx, { organizationId, accountId: account.id, installId });
      const whose = { program, personId, accountId: account.id, installId };
      const begun = await grants.begin(tx, { ...whose, kind: 'session', verified: known });
      const person = await people.named(organizationId, String(personId), tx);
      await audit.append(tx, {
        organizationId,
        category: 'authentication',
        action: 'login through a program',
        actor: null,
        entity: 'Account',
        entityId: account.id,
        details: { apiClientId: program.id, grantId: begun.grantId, known },
        personal: { username: account.username, email: account.email, ip, userAgent },
      });
      return { ...begun, known, userId: person?.uuid ?? '', account };
    });
  }

  /** A phone number is somebody's other name; one that nobody has is counted as it was typed. */
  async function nameOf(program: Program, identifier: SessionTry['identifier']): Promise<string> {
    if (identifier.kind === 'email') return identifier.email;
    const person = await people.by(program.organizationId, identifier);
    const account = person === null ? null : await accounts.ofPerson(program.organizationId, person.id);
    return account?.username ?? `phone:${identifier.phone}`;
  }

  return { begin };
}

export type PasswordSessionsService = ReturnType<typeof createPasswordSessions>;
