import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { TokenVault, VendorTokens } from '../drivers/lock-port.ts';
import { NoTurn } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import { type SecretBox, SecretUnreadable } from '../host/secret-box.ts';
import type { Whose } from './open-drivers.ts';
import type { Lanes } from './port.ts';
import { isFresh } from './token-age.ts';

type Options = {
  database: Pick<Database, 'read' | 'transaction'>;
  clock: Clock;
  box: SecretBox;
  lanes: Pick<Lanes, 'inLane'>;
  log: Log;
};

const purpose = 'vendor-tokens';

/**
 * Tokens that a vendor gives out, shared by all processes: renewed by one at a time, and committed, sealed, before anybody
 * uses them. They are kept for the configuration that they were given for: another password is another account. What
 * cannot be read or kept is not used: NoTurn, and nothing was asked of a lock.
 */
export function createTokenVaults({ database, clock, box, lanes, log }: Options) {
  return (whose: Whose, config: unknown): TokenVault => {
    const account = box.hash(purpose, JSON.stringify(config));
    let known: VendorTokens | null = null;

    return {
      async tokens({ stale }, renew) {
        const good = (one: VendorTokens | null): one is VendorTokens =>
          one !== null && isFresh(one, stale, clock.now());
        if (good(known)) return known;
        let renewing: { error: unknown } | null = null;
        try {
          known = await read(whose, account); // another process may have renewed them
          if (good(known)) return known;
          return await lanes.inLane(`tokens:${whose.organizationId}:${whose.connectionId}`, async () => {
            const stored = await read(whose, account);
            if (good(stored)) {
              known = stored;
              return stored;
            }
            const made = await renew(stored).catch((error: unknown) => {
              renewing = { error };
              throw error;
            });
            await keep(whose, account, made);
            known = made;
            return made;
          });
        } catch (error) {
          if (renewing !== null) throw error; // the vendor's trouble: whoever renews knows it
          log.error({ err: error }, 'The tokens of a connection could not be read or kept.');
          throw new NoTurn({ cause: error });
        }
      },
    };
  };

  async function read({ organizationId, connectionId }: Whose, account: Buffer): Promise<VendorTokens | null> {
    const row = await database.read
      .selectFrom('vendor_tokens')
      .select(['account', 'sealed'])
      .where('organization_id', '=', organizationId)
      .where('connection_id', '=', connectionId)
      .executeTakeFirst();
    if (row === undefined || !row.account.equals(account)) return null;
    try {
      return JSON.parse(box.open(purpose, row.sealed)) as VendorTokens; // written by keep alone
    } catch (error) {
      if (error instanceof SecretUnreadable) return null;
      throw error;
    }
  }

  async function keep({ organizationId, connectionId }: Whose, account: Buffer, tokens: VendorTokens): Promise<void> {
    const facts = {
      account,
      sealed: box.seal(purpose, JSON.stringify(tokens)),
      expires_at: new Date(tokens.expiresAt),
      changed_at: new Date(clock.now()),
    };
    await database.transaction('vendor-tokens', (tx) =>
      tx
        .insertInto('vendor_tokens')
        .values({ organization_id: organizationId, connection_id: connectionId, ...facts })
        .onConflict((conflict) => conflict.columns(['organization_id', 'connection_id']).doUpdateSet(facts))
        .execute(),
    );
  }
}

export type TokenVaults = ReturnType<typeof createTokenVaults>;
