import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { notFound } from '../../rules/errors.ts';
import type { DeviceId, NoticeId, OrganizationId } from '../../rules/ids.ts';
import { raising } from '../../rules/notices/coming-back.ts';
import { type NoticeKind, noticeKinds } from '../../rules/notices/kinds.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { NoticeMail } from '../mail/notice-mail.service.ts';
import {
  clearNotices,
  clearNoticesOf,
  dismissNotice,
  findNotice,
  insertNotice,
  latestNotice,
  listNotices,
  lockNotice,
  type NamedNotice,
  type NoticeFilter,
  noticeStands,
  noticesAlong,
  openAgain,
  restateNotice,
  someNotices,
} from './notices.store.ts';

/** The device, the lock or the door that it concerns, where the subject is none; who may see it depends on that. */
export type NoticeFacts = { deviceId?: string | null; lockId?: string; doorId?: string } & Record<string, unknown>;

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit; noticeMail: NoticeMail };

/**
 * What needs a person's attention: raised once, cleared when it is over. Whoever raises or clears one does so in the
 * transaction that found it out. What comes and goes within minutes is one notice, not many.
 */
export function createNotices({ database, clock, random, audit, noticeMail }: Deps) {
  async function raise(
    tx: Tx,
    organizationId: OrganizationId,
    kind: NoticeKind,
    subject: string,
    facts: NoticeFacts,
  ): Promise<void> {
    await standInLine(tx, 'notice', organizationId, kind, subject);
    const before = await latestNotice(tx, { organizationId, kind, subject });
    const earlier = before && {
      raisedAt: before.raised_at,
      clearedAt: before.cleared_at,
      dismissedAt: before.dismissed_at,
      cameBack: before.came_back,
    };
    const what = raising(earlier, clock.now());
    if (what.kind === 'stands') return;
    const again = what.kind === 'opens-again' ? before : null;
    const id = again?.id ?? random.id('notice');
    if (again !== null) await openAgain(tx, again, facts, what.cameBack);
    else {
      const device = noticeKinds[kind].subject === 'device' ? subject : (facts.deviceId ?? null);
      const row = {
        organization_id: organizationId,
        id,
        kind,
        subject,
        device_id: device as DeviceId | null,
        facts,
        came_back: what.cameBack,
      };
      await insertNotice(tx, row, clock.now());
    }
    await announce(tx, organizationId);
    await noticeMail.announce(tx, organizationId, { id, kind, subject, facts });
  }

  async function clear(tx: Tx, organizationId: OrganizationId, kind: NoticeKind, subject: string): Promise<void> {
    if (await clearNotices(tx, organizationId, kind, subject, clock.now())) await announce(tx, organizationId);
  }

  /** Those of this kind that concern a device, whatever their subject. */
  async function clearOf(tx: Tx, organizationId: OrganizationId, kind: NoticeKind, deviceId: DeviceId): Promise<void> {
    if (await clearNoticesOf(tx, organizationId, kind, deviceId, clock.now())) await announce(tx, organizationId);
  }

  /** What an open notice says, as it stands now; nobody is told anew. */
  const restate = (
    tx: Tx,
    organizationId: OrganizationId,
    kind: NoticeKind,
    subject: string,
    facts: NoticeFacts,
  ): Promise<void> => restateNotice(tx, organizationId, kind, subject, facts);

  /** Whether one of this kind stands now, dismissed or not. */
  const stands = (organizationId: OrganizationId, kind: NoticeKind, subject: string): Promise<boolean> =>
    noticeStands(database.read, { organizationId, kind, subject });

  const some = (organizationId: OrganizationId, ids: readonly NoticeId[]): Promise<NamedNotice[]> =>
    someNotices(database.read, organizationId, ids);

  /** Its subject is gone, or another thing stands in its place: whatever was to be said of it is over. */
  async function clearAll(tx: Tx, organizationId: OrganizationId, subject: string): Promise<void> {
    if (await clearNotices(tx, organizationId, null, subject, clock.now())) await announce(tx, organizationId);
  }

  const list = (actor: Actor, filter: NoticeFilter): Promise<NamedNotice[]> =>
    listNotices(database.read, actor.organizationId, actor.scope, filter);

  /** Seen, and not to be shown any more while its cause lasts. Dismissing what is dismissed or over changes nothing. */
  async function dismiss(actor: Actor, id: string): Promise<NamedNotice> {
    return database.transaction('notice-dismiss', async (tx) => {
      const found = await findNotice(tx, actor.organizationId, actor.scope, id);
      if (found === null) throw notFound('Notice not found');
      const row = await lockNotice(tx, found);
      if (row.dismissed_at !== null || row.cleared_at !== null) return { ...found, ...row };
      const now = clock.now();
      await dismissNotice(tx, row, actor.accountId, now);
      await announce(tx, actor.organizationId);
      await audit.append(tx, {
        organizationId: actor.organizationId,
        category: 'notices',
        action: 'notice dismissed',
        actor,
        entity: 'Notice',
        entityId: row.id,
        details: { kind: row.kind, subject: row.subject, deviceId: row.device_id },
      });
      return { ...found, ...row, dismissed_at: now, dismissed_by: actor.accountId };
    });
  }

  /** Those of a device, for its timeline. */
  const along = (
    organizationId: OrganizationId,
    deviceId: DeviceId,
    moment: 'raised_at' | 'cleared_at',
    stretch: Stretch,
  ) => noticesAlong(database.read, organizationId, deviceId, moment, stretch);

  /** The notices of an organization are one thing to listeners: its open ones are few, and read anew. */
  const announce = (tx: Tx, organizationId: OrganizationId): Promise<void> =>
    notify(tx, { topic: 'notices', organizationId, id: organizationId });

  return { raise, clear, clearAll, clearOf, restate, stands, list, some, dismiss, along };
}

export type NoticesService = ReturnType<typeof createNotices>;
export type { NamedNotice, NoticeRow } from './notices.store.ts';
