import { addJob } from '../../database/jobs.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import { mailAddress } from '../../rules/mail/address.ts';
import { isNews } from '../../rules/mail/news.ts';
import type { MailFacts, MailKind } from './letters.ts';
import { forgetFinished, insertMail } from './mails.store.ts';

export type NewMail = {
  organizationId: OrganizationId;
  /** The fact that it tells of: told once, however often it is asked for. */
  key: string;
  /** null: nobody gave an address. */
  to: string | null;
  /** null: English. */
  language: string | null;
  kind: MailKind;
  facts: MailFacts;
  /** When it happened, where that may be long ago: what is no news any more is not told. */
  since?: Instant;
  /** Of notices: the thing and the reader. */
  about?: string;
  /** Not sent before. */
  notBefore?: Instant;
};

/** Addresses of finished mails are kept so long, for questions of guests. */
const keptFor = hours(24 * 30);

type Deps = { database: Database; clock: Clock; random: Random; on: boolean };

/**
 * Mails to be sent: written down in the transaction that decides what they tell, so that they go out exactly when it
 * stands. Nothing is sent here, and nobody waits for it. Where mail is off nothing is written down either.
 */
export function createOutbox({ database, clock, random, on }: Deps) {
  /** False: nobody to send it to, or told before, or no news any more. */
  async function queue(tx: Tx, mail: NewMail): Promise<boolean> {
    const { organizationId, key, kind, facts, about = null } = mail;
    const recipient = mailAddress(mail.to ?? '');
    if (!on || recipient === null) return false;
    const now = clock.now();
    if (!isNews(mail.since ?? now, now)) return false;
    const tryAt = Math.max(now, mail.notBefore ?? now);
    const id = random.id('mail');
    const language = mail.language ?? 'en';
    const row = { organization_id: organizationId, id, key, about, kind, recipient, language, facts };
    if (!(await insertMail(tx, row, { now, tryAt }))) return false;
    // later ones are found by the sweep
    if (tryAt <= now) await addJob(tx, 'mail', { organizationId, id }, { key: `mail:${id}` });
    return true;
  }

  const forgetOld = (): Promise<void> => forgetFinished(database.read, clock.now() - keptFor);

  return { on, queue, forgetOld };
}

export type Outbox = ReturnType<typeof createOutbox>;
