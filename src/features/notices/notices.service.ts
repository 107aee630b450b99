import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { NoticeId, OrganizationId } from '../../rules/ids.ts';
import type { NoticeMail } from '../mail/notice-mail.service.ts';
import { clearNotice, insertNotice, listNotices, type NoticeRow, restateNotice, someNotices } from './notices.store.ts';

/** What needs a person's attention. */
export type NoticeKind =
  /** A device does not answer. Subject: the device. */
  | 'device-offline'
  /** 24 h after its end a relay could still not be seen off. Subject: the session. */
  | 'session-lost-sight'
  /** Money did not get back: the provider refused, or the bank sent it back. Subject: the payment. */
  | 'refund-failed'
  /** Money came that does not fit what was asked for. Subject: the payment. */
  | 'payment-mismatch'
  /** A cardholder objects to a payment: it wants an answer in time. Subject: the payment. */
  | 'dispute'
  /** Stripe does not take our key. Subject: the organization. */
  | 'stripe-credentials'
  /** A guest has written that something went wrong. Subject: the session. */
  | 'guest-message'
  /** The mail server cannot be used: unreachable, or it refuses us. Subject: `mail`. */
  | 'mail-not-going-out';

type Deps = { database: Database; clock: Clock; random: Random; noticeMail: NoticeMail };

/** Raised once, cleared when it is over. */
export function createNotices({ database, clock, random, noticeMail }: Deps) {
  async function raise(
    tx: Tx,
    organizationId: OrganizationId,
    kind: NoticeKind,
    subject: string,
    facts: Record<string, unknown>,
  ): Promise<void> {
    const row = { organization_id: organizationId, id: random.id('notice'), kind, subject, facts };
    if (!(await insertNotice(tx, row, clock.now()))) return;
    await notify(tx, { topic: 'notices', organizationId });
    await noticeMail.announce(tx, organizationId, row);
  }

  async function clear(tx: Tx, organizationId: OrganizationId, kind: NoticeKind, subject: string): Promise<void> {
    await clearNotice(tx, organizationId, kind, subject, clock.now());
  }

  /** What an open notice says, as it stands now; nobody is told anew. */
  const restate = (
    tx: Tx,
    organizationId: OrganizationId,
    kind: NoticeKind,
    subject: string,
    facts: Record<string, unknown>,
  ): Promise<void> => restateNotice(tx, organizationId, kind, subject, facts);

  const list = (actor: Actor, filter: { open: boolean; limit: number; after: string | null }): Promise<NoticeRow[]> =>
    listNotices(database.read, actor.organizationId, filter);

  const some = (organizationId: OrganizationId, ids: readonly NoticeId[]): Promise<NoticeRow[]> =>
    someNotices(database.read, organizationId, ids);

  return { raise, clear, restate, list, some };
}

export type NoticesService = ReturnType<typeof createNotices>;
export type { NoticeRow } from './notices.store.ts';
