import type { Log } from '../../database/log.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Lanes } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Letter, MailOutcome, MailProvider } from '../../providers/mail-port.ts';
import type { MailId, OrganizationId } from '../../rules/ids.ts';
import { type Instant, minutes } from '../../rules/instant.ts';
import { isTooOld, mostUnsure, pauseAfter } from '../../rules/mail/pauses.ts';
import { collectFor } from '../../rules/notices/telling-again.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { LetterFactsService } from './letter-facts.service.ts';
import { type MailRow, settingsOf, type WriteLetter } from './letters.ts';
import { bundleNotices, dueMails, findMail, lockMail, type MailChange, updateMail } from './mails.store.ts';

/** A sender that died is taken over after this; one that lives holds the mail's lane. */
const lease = minutes(1);

/** About a quarter of an hour of tries: then a person should know that no mail gets out. */
const attemptsBeforeNotice = 5;

type Deps = {
  database: Database;
  clock: Clock;
  log: Log;
  lanes: Lanes;
  notices: NoticesService;
  letterFacts: LetterFactsService;
  write: WriteLetter;
  provider: MailProvider;
};

/**
 * Hands mails over, at least once each. A mail is marked as being sent before its server hears of it, and what became of
 * it is marked at once after. A crash between the two leaves open whether it was taken: it is sent again under the same
 * Message-ID, a few times at most.
 */
export function createDelivery(deps: Deps) {
  const { database, clock, log, lanes, notices, letterFacts, write, provider } = deps;

  /** One at a time for each mail, over all processes: whoever comes second finds it sent, or due later. */
  async function deliver(organizationId: OrganizationId, id: MailId, signal: AbortSignal): Promise<void> {
    await lanes.ifFree(`mail:${organizationId}:${id}`, () => once(organizationId, id, signal));
  }

  async function once(organizationId: OrganizationId, id: MailId, signal: AbortSignal): Promise<void> {
    const mail = await database.transaction('mail-sending', (tx) => claim(tx, organizationId, id));
    if (mail === null) return;
    const outcome = await sent(mail, signal);
    await database.transaction('mail-told', (tx) => told(tx, mail, outcome));
  }

  const due = (now: Instant, limit: number) => dueMails(database.read, now, limit);

  return { deliver, due };

  /** The mail as it is to be sent now; null when it is not to be. */
  async function claim(tx: Tx, organizationId: OrganizationId, id: MailId): Promise<Claimed | null> {
    const seen = await findMail(tx, organizationId, id);
    // what is due for one reader at the same moment is bundled by whoever comes first
    if (seen?.kind === 'notice') await standInLine(tx, 'notice-mail', organizationId, seen.recipient ?? '');
    const mail = await lockMail(tx, organizationId, id);
    const now = clock.now();
    if (mail === null || mail.recipient === null || mail.try_at === null || mail.try_at > now) return null;
    const cutShort = mail.state === 'sending'; // its sender died over it: perhaps it was taken
    const unsure = mail.unsure + (cutShort ? 1 : 0);
    if (isTooOld(mail.created_at, now) || unsure > mostUnsure) {
      log.warn({ mail: id, detail: mail.detail }, 'A mail is given up.');
      await updateMail(tx, organizationId, id, { ...over('given-up', now), unsure });
      return null;
    }
    if (mail.kind === 'notice') await bundleNotices(tx, mail, { now, collectFor });
    const change = { state: 'sending' as const, attempts: mail.attempts + 1, unsure, try_at: now + lease };
    await updateMail(tx, organizationId, id, change);
    return { ...mail, ...change, recipient: mail.recipient };
  }

  async function sent(mail: Claimed, signal: AbortSignal): Promise<MailOutcome> {
    let letter: Letter | null;
    try {
      letter = await letterOf(mail);
    } catch (error) {
      log.error({ err: error, mail: mail.id }, 'A mail could not be written; it is tried again.');
      return { kind: 'later', about: 'mail', detail: 'it could not be written' };
    }
    if (letter === null) return { kind: 'refused', detail: 'there is nothing to tell any more' };
    return provider.send(letter, signal);
  }

  async function letterOf(mail: Claimed): Promise<Letter | null> {
    const facts = await letterFacts.of(mail);
    if (facts === null) return null;
    const now = clock.now();
    const written = write(facts, { language: mail.language, now });
    return { ...written, id: mail.id, fromName: settingsOf(facts).companyName, to: mail.recipient, at: now };
  }

  async function told(tx: Tx, mail: Claimed, outcome: MailOutcome): Promise<void> {
    const { organization_id: organizationId, id, attempts } = mail;
    const now = await lockMail(tx, organizationId, id);
    if (now?.state !== 'sending' || now.attempts !== attempts) return; // forgotten meanwhile, or taken over
    await updateMail(tx, organizationId, id, changeBy(outcome, mail, clock.now()));
    if (outcome.kind === 'accepted') await notices.clear(tx, organizationId, 'mail-not-going-out', 'mail');
    if (outcome.kind === 'later' && outcome.about === 'server' && attempts >= attemptsBeforeNotice) {
      await notices.raise(tx, organizationId, 'mail-not-going-out', 'mail', { why: outcome.detail });
    }
  }
}

export type DeliveryService = ReturnType<typeof createDelivery>;

type Claimed = MailRow & { recipient: string };

const over = (state: 'sent' | 'refused' | 'given-up', now: Instant): MailChange => ({
  state,
  try_at: null,
  finished_at: now,
});

function changeBy(outcome: MailOutcome, mail: Claimed, now: Instant): MailChange {
  const { detail } = outcome;
  const again = (pause: number): MailChange => ({ state: 'waiting', try_at: now + pause, detail });
  switch (outcome.kind) {
    case 'accepted':
      return { ...over('sent', now), detail };
    case 'refused':
      return { ...over('refused', now), detail };
    case 'later':
      return again(pauseAfter(mail.attempts, false));
    case 'unknown': {
      const unsure = mail.unsure + 1;
      if (unsure > mostUnsure) return { ...over('given-up', now), unsure, detail };
      return { ...again(pauseAfter(mail.attempts, true)), unsure };
    }
  }
}
