/**
 * The second factor of a password session: six digits, mailed to the account's own address, whatever address or number the
 * app was signed in with. It must never be mailed elsewhere, and never be guessed: few codes, few tries of each.
 */
import type { Database } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Clock } from '../../host/clock.ts';
import { sameSecret } from '../../host/constant-time.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { actorOf, type Caller } from '../../rules/accounts/caller.ts';
import { Problem, tooManyFor } from '../../rules/errors.ts';
import type { OrganizationId, SignInCodeId } from '../../rules/ids.ts';
import { hours, minutes } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { Outbox } from '../mail/outbox.service.ts';
import { findGrant, rememberInstall, verifyGrants } from './grants.store.ts';
import { codesSince, deleteCodesBefore, findCode, insertCode, tryCode, useCode } from './sign-in-codes.store.ts';

type Deps = { database: Database; clock: Clock; random: Random; box: SecretBox; audit: Audit; outbox: Outbox };

const goodFor = minutes(10);
const mostTries = 5;
/** With five tries each: fifty guesses of a million a day. */
const mostCodes = [
  { count: 3, within: minutes(15) },
  { count: 10, within: hours(24) },
] as const;

export function createSignInCodes({ database, clock, random, box, audit, outbox }: Deps) {
  /** 409 where there is no address to send it to, or nobody who sends; 429 where there were too many. */
  async function send(caller: Caller): Promise<void> {
    const { organizationId, grantId, account } = caller;
    if (account === null || account.email === null) {
      throw new Problem('NOT_CONFIGURED', 'This account has no e-mail address to which a code could be sent');
    }
    const { id: accountId, email } = account;
    await database.transaction('sign-in-code', async (tx) => {
      await standInLine(tx, 'sign-in-code', organizationId, accountId);
      const now = clock.now();
      const lately = await codesSince(tx, { organizationId, accountId }, now - hours(24));
      for (const { count, within } of mostCodes) {
        const oldest = lately.filter((at) => at > now - within).at(-count);
        if (oldest !== undefined) throw tooManyFor(oldest + within - now);
      }
      const id = random.id('signInCode');
      const code = String(random.bytes(6).readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
      const row = { organization_id: organizationId, id, account_id: accountId, grant_id: grantId };
      await insertCode(tx, { ...row, code_sealed: box.seal('sign-in-code', code) }, { now, expiresAt: now + goodFor });
      const mail = { key: `code:${id}`, to: email, language: null, kind: 'code', facts: { signInCodeId: id } } as const;
      if (!(await outbox.queue(tx, { organizationId, ...mail }))) {
        throw new Problem('NOT_CONFIGURED', 'This server sends no mail, so no code could be sent');
      }
    });
  }

  /** Whether it is the code that was sent last; a right one makes the app's installation known, and its token good. */
  async function confirm(caller: Caller, typed: string): Promise<boolean> {
    const { organizationId, grantId, account } = caller;
    if (account === null) return false;
    return database.transaction('sign-in-code-tried', async (tx) => {
      const now = clock.now();
      const row = await tryCode(tx, organizationId, grantId, { now, most: mostTries });
      if (row === null || !sameSecret(typed, box.open('sign-in-code', row.code_sealed))) return false;
      const grant = await findGrant(tx, organizationId, grantId);
      await useCode(tx, row, now);
      await verifyGrants(tx, { organizationId, accountId: account.id, grantId }, now);
      if (grant !== null && grant.install_id !== null) {
        await rememberInstall(tx, { organizationId, accountId: account.id, installId: grant.install_id }, now);
      }
      await audit.append(tx, {
        organizationId,
        category: 'authentication',
        action: 'app confirmed by code',
        actor: actorOf(caller),
        entity: 'Grant',
        entityId: grantId,
        details: { apiClientId: caller.program.id },
      });
      return true;
    });
  }

  /** For the mail; null: nothing to tell any more. */
  async function letter(organizationId: OrganizationId, id: SignInCodeId): Promise<{ code: string } | null> {
    const row = await findCode(database.read, organizationId, id);
    if (row === null || row.used_at !== null || row.expires_at <= clock.now()) return null;
    return { code: box.open('sign-in-code', row.code_sealed) };
  }

  const forgetOld = (): Promise<void> => deleteCodesBefore(database.read, clock.now() - hours(48));

  return { send, confirm, letter, forgetOld };
}

export type SignInCodesService = ReturnType<typeof createSignInCodes>;
