import MailComposer from 'nodemailer/lib/mail-composer';
import { oneLine } from '../../rules/mail/address.ts';
import type { Letter } from '../mail-port.ts';

export type Sender = { name: string | null; address: string };

/** The bytes of a mail: text and HTML as alternatives, nothing attached, nothing fetched. */
export function messageOf(letter: Letter, sender: Sender): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: oneLine(letter.fromName ?? sender.name ?? ''), address: sender.address },
    to: { name: '', address: letter.to },
    subject: oneLine(letter.subject),
    text: letter.text,
    html: letter.html,
    messageId: messageId(letter.id, sender),
    date: new Date(letter.at),
    // machines are not to answer a machine
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', ...stopping(letter) },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** RFC 8058: the mail program posts to the address by itself; a look at it alone does nothing. */
const stopping = ({ stopUrl }: Letter): Record<string, string> =>
  stopUrl === undefined
    ? {}
    : { 'List-Unsubscribe': `<${stopUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };

const messageId = (id: string, { address }: Sender): string => `<${id}@${address.slice(address.lastIndexOf('@') + 1)}>`;
