import { createHash } from 'node:crypto';
import type { Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { NoticeId, OrganizationId } from '../../rules/ids.ts';
import { hours, minutes } from '../../rules/instant.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import type { Outbox } from './outbox.service.ts';

/** What is raised within this time goes out as one mail. */
const collectFor = minutes(1);
/** What comes and goes and comes again within this time is told once. */
const quietFor = hours(1);

/** That no mail gets out is nothing to tell by mail. */
const neverByMail = ['mail-not-going-out'];

type Deps = { clock: Clock; outbox: Outbox; settings: SettingsService };

/** Notices by mail, to whom the settings name. It locks nothing: whoever raises a notice holds locks of their own. */
export function createNoticeMail({ clock, outbox, settings }: Deps) {
  async function announce(
    tx: Tx,
    organizationId: OrganizationId,
    notice: { id: NoticeId; kind: string; subject: string; facts: Record<string, unknown> },
  ): Promise<void> {
    if (!outbox.on || neverByMail.includes(notice.kind)) return;
    const { to, kinds, language } = (await settings.get(organizationId, tx)).noticeMail;
    if (kinds !== null && !kinds.includes(notice.kind)) return;
    const now = clock.now();
    const { messageId } = notice.facts;
    const what = typeof messageId === 'string' ? messageId : notice.subject; // what a guest writes is new each time
    for (const address of to) {
      const reader = createHash('sha256').update(address.toLowerCase()).digest('hex').slice(0, 16);
      await outbox.queue(tx, {
        organizationId,
        key: `notice:${notice.kind}:${what}:${Math.floor(now / quietFor)}:${reader}`,
        to: address,
        language,
        kind: 'notice',
        facts: { noticeId: notice.id },
        notBefore: now + collectFor,
      });
    }
  }

  return { announce };
}

export type NoticeMail = ReturnType<typeof createNoticeMail>;
