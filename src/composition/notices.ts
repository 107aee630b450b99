import { createNoticeMail } from '../features/mail/notice-mail.service.ts';
import { createOutbox } from '../features/mail/outbox.service.ts';
import { createNotices } from '../features/notices/notices.service.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';

type Given = { house: House; mailOn: boolean };

/** What is to be told to people: notices, and the mails that are written down to go out. */
export function composeNotices(ground: Ground, { house, mailOn }: Given) {
  const { audit, settings } = house;
  const outbox = createOutbox({ ...ground, on: mailOn });
  const noticeMail = createNoticeMail({ clock: ground.clock, outbox, settings });
  const notices = createNotices({ ...ground, audit, noticeMail });
  return { outbox, notices } as const;
}

export type Notices = ReturnType<typeof composeNotices>;
