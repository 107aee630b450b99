import { sql } from 'kysely';
import type { Database } from '../database/open.ts';
import type { Logins } from '../features/accounts/logins.service.ts';
import type { ConsentService } from '../features/grants/consent.service.ts';
import type { GrantsService } from '../features/grants/grants.service.ts';
import type { SignInCodesService } from '../features/grants/sign-in-codes.service.ts';
import type { Limits } from '../features/limits/limits.service.ts';
import type { Outbox } from '../features/mail/outbox.service.ts';
import type { PaymentsService } from '../features/payments/payments.service.ts';
import type { RelaysService } from '../features/relays/relays.service.ts';
import type { WishesService } from '../features/wishes/wishes.service.ts';
import type { Clock } from '../host/clock.ts';
import { hours } from '../rules/instant.ts';

type Deps = {
  database: Database;
  clock: Clock;
  limits: Pick<Limits, 'forgetOld'>;
  logins: Logins;
  payments: PaymentsService;
  relays: Pick<RelaysService, 'forgetOld'>;
  outbox: Outbox;
  wishes: WishesService;
  grants: Pick<GrantsService, 'forgetOld'>;
  signInCodes: Pick<SignInCodesService, 'forgetOld'>;
  consent: Pick<ConsentService, 'forgetOld'>;
};

/** What has to be prepared ahead of time or swept up behind: done at the start, then now and again. */
export function createHousekeeping(deps: Deps) {
  const { database, clock, limits, logins, payments, relays, outbox, wishes, grants, signInCodes, consent } = deps;

  async function round(): Promise<void> {
    for (const ahead of [0, 31, 62]) {
      const day = new Date(clock.now() + ahead * hours(24));
      await sql`select prepare_access_events(${day}::timestamptz)`.execute(database.read);
    }
    await limits.forgetOld();
    await logins.forgetOld();
    await payments.forgetOldEvents();
    await outbox.forgetOld();
    await relays.forgetOld();
    await wishes.forgetOld();
    await consent.forgetOld();
    await signInCodes.forgetOld();
    await grants.forgetOld();
  }
  return { round };
}

export type Housekeeping = ReturnType<typeof createHousekeeping>;
