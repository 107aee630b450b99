import type { MailView } from '../../simulators/mail/start.ts';
import type { Laundry } from './laundry.ts';

/** What lies in one person's inbox, oldest first. */
export const inboxOf = (laundry: Laundry, address: string): MailView[] =>
  laundry.mail.mails().filter(({ to }) => to.includes(address));

/** Waits until somebody has so many mails. */
export const untilMails = (laundry: Laundry, address: string, count: number): Promise<MailView[]> =>
  laundry.until(`${count} mails to ${address}`, () => {
    const mails = inboxOf(laundry, address);
    return mails.length >= count ? mails : null;
  });

/** The outbox: what is to be sent, and what became of it. */
export async function outbox(laundry: Laundry, address: string) {
  const { rows } = await laundry.app.database.pool.query<{
    kind: string;
    state: string;
    attempts: number;
    key: string;
  }>('select kind, state, attempts, key from mails where recipient = $1 order by id', [address]);
  return rows;
}

/** Waits until nothing is to be sent or being sent any more. */
export const untilAllSent = (laundry: Laundry): Promise<boolean> =>
  laundry.until('nothing to be sent', async () => {
    const { rows } = await laundry.app.database.pool.query("select from mails where state in ('waiting', 'sending')");
    return rows.length === 0;
  });
