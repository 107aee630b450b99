import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { clearNotice, insertNotice, listNotices, type NoticeRow } from './notices.store.ts';

/** What needs a person's attention. */
export type NoticeKind =
  /** A device does not answer. Subject: the device. */
  | 'device-offline'
  /** A connection's broker cannot be reached, and with it nothing that hangs on it. Subject: the connection. */
  | 'broker-down'
  /** 24 h after its end a relay could still not be seen off. Subject: the session. */
  | 'session-lost-sight'
  /** The provider refused to give money back. Subject: the payment. */
  | 'refund-failed'
  /** Money came that does not fit what was asked for. Subject: the payment. */
  | 'payment-mismatch';

type Deps = { database: Database; clock: Clock; random: Random };

/** Raised once, cleared when it is over. */
export function createNotices({ database, clock, random }: Deps) {
  async function raise(
    tx: Tx,
    organizationId: OrganizationId,
    kind: NoticeKind,
    subject: string,
    facts: Record<string, unknown>,
  ): Promise<void> {
    const row = { organization_id: organizationId, id: random.id('notice'), kind, subject, facts };
    if (await insertNotice(tx, row, clock.now())) await notify(tx, { topic: 'notices', organizationId });
  }

  async function clear(tx: Tx, organizationId: OrganizationId, kind: NoticeKind, subject: string): Promise<void> {
    await clearNotice(tx, organizationId, kind, subject, clock.now());
  }

  const list = (actor: Actor, filter: { open: boolean; limit: number; after: string | null }): Promise<NoticeRow[]> =>
    listNotices(database.read, actor.organizationId, filter);

  return { raise, clear, list };
}

export type NoticesService = ReturnType<typeof createNotices>;
export type { NoticeRow } from './notices.store.ts';
