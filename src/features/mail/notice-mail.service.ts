import { createHash } from 'node:crypto';
import type { Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { NoticeId, OrganizationId } from '../../rules/ids.ts';
import { quietFor, type Told, telling } from '../../rules/notices/telling-again.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import type { MailRow } from './letters.ts';
import { lockMailsAbout } from './mails.store.ts';
import type { Outbox } from './outbox.service.ts';

/** That no mail gets out is nothing to tell by mail. */
const neverByMail = ['mail-not-going-out'];

type Deps = { clock: Clock; outbox: Outbox; settings: SettingsService };

/**
 * Notices by mail, to whom the settings name. Whoever raises a notice holds locks of their own: the mails about the same
 * thing that are yet to go out are locked after them, and nobody who holds one of these asks for those.
 */
export function createNoticeMail({ clock, outbox, settings }: Deps) {
  async function announce(
    tx: Tx,
    organizationId: OrganizationId,
    notice: { id: NoticeId; kind: string; subject: string; facts: Record<string, unknown> },
  ): Promise<void> {
    if (!outbox.on || neverByMail.includes(notice.kind)) return;
    const { to, kinds, language } = (await settings.get(organizationId, tx)).noticeMail;
    if (kinds !== null && !kinds.includes(notice.kind)) return;
    const { messageId } = notice.facts;
    const what = typeof messageId === 'string' ? messageId : notice.subject; // what a guest writes is new each time
    for (const address of to) {
      const reader = createHash('sha256').update(address.toLowerCase()).digest('hex').slice(0, 16);
      const about = `${notice.kind}:${what}:${reader}`;
      const now = clock.now();
      const before = await lockMailsAbout(tx, organizationId, about, now - quietFor);
      const how = telling(notice.id, before.map(toldBy), now);
      if (how.kind === 'will-be-told') continue;
      await outbox.queue(tx, {
        organizationId,
        key: `notice:${about}:${notice.id}:${now}`,
        about,
        to: address,
        language,
        kind: 'notice',
        facts: { noticeId: notice.id, ...(how.onlyIfStanding ? { onlyIfStanding: true } : {}) },
        notBefore: how.at,
      });
    }
  }

  return { announce };
}

export type NoticeMail = ReturnType<typeof createNoticeMail>;

function toldBy({ facts, state, attempts, try_at, finished_at }: MailRow): Told {
  const of = { noticeId: facts?.noticeId ?? null, onlyIfStanding: facts?.onlyIfStanding === true };
  if (finished_at !== null) return { ...of, kind: 'gone-out', at: finished_at };
  // what was tried once may have been taken as it stood then
  if (state !== 'waiting' || attempts > 0 || try_at === null) return { ...of, kind: 'under-way' };
  return { ...of, kind: 'waiting', goesOutAt: try_at };
}
