import type { Instant } from '../rules/instant.ts';

/**
 * The port of mail providers. A provider hands one mail to one recipient over, once; it never retries, stores or decides.
 * It ends by itself after its own deadlines, and at once when the signal fires.
 */
export type Letter = {
  /** Becomes the Message-ID: the same mail, sent again after a crash, is known as the same. */
  id: string;
  /** Shown as the sender's name; the address is the provider's. */
  fromName: string | null;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Where its reader says, with one tap in their mail program, that they want no such mails. */
  stopUrl?: string;
  at: Instant;
};

/**
 * `accepted`: theirs now. `refused`: no, for good (there is no such mailbox). `later`: surely not taken, may go another
 * time; `about` tells whether the server as a whole is the trouble (unreachable, log-in, our sender) or this mail.
 * `unknown`: handed over and no answer heard: perhaps taken.
 */
export type MailOutcome =
  | { kind: 'accepted'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'later'; about: 'server' | 'mail'; detail: string }
  | { kind: 'unknown'; detail: string };

export type MailProvider = { send(letter: Letter, signal: AbortSignal): Promise<MailOutcome> };
