import type {
  MailId,
  NoticeId,
  OrganizationId,
  PassId,
  PaymentId,
  RefundId,
  SessionId,
  SignInCodeId,
  WishId,
} from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { NamedNotice } from '../notices/notices.service.ts';
import type { PassFacts } from '../passes/pass-facts.service.ts';
import type { PaymentRow, RefundRow } from '../payments/payments.service.ts';
import type { SessionFacts } from '../sessions/public-view.ts';
import type { Settings } from '../settings/settings.service.ts';
import type { FreeFacts } from '../wishes/telling.service.ts';

/**
 * receipt: it is paid. done: a run is over and nothing goes back. refund: money goes back, and why. notice: something
 * needs a person. free: a machine for which somebody waited. code: the second factor of signing in.
 */
export type MailKind = 'receipt' | 'done' | 'refund' | 'notice' | 'free' | 'code';

/** What is remembered of a mail until it is sent: ids of what it tells of. Nothing secret, nobody's name. */
export type MailFacts = {
  sessionId?: SessionId;
  passId?: PassId;
  paymentId?: PaymentId;
  refundId?: RefundId;
  noticeId?: NoticeId;
  /** Of a notice that was held back: it is told only if it stands when the mail goes out. */
  onlyIfStanding?: boolean;
  wishId?: WishId;
  signInCodeId?: SignInCodeId;
};

export type MailRow = {
  organization_id: OrganizationId;
  id: MailId;
  key: string;
  /** Of notices: the thing and the reader. */
  about: string | null;
  kind: MailKind;
  recipient: string | null;
  language: string;
  facts: MailFacts | null;
  state: 'waiting' | 'sending' | 'sent' | 'refused' | 'given-up' | 'bundled';
  bundle: MailId | null;
  attempts: number;
  unsure: number;
  try_at: Instant | null;
  detail: string | null;
  created_at: Instant;
  finished_at: Instant | null;
};

/** Everything a mail tells, gathered when it is sent. */
export type LetterFacts =
  | { kind: 'receipt'; session: SessionFacts; payment: PaymentRow }
  | { kind: 'done'; session: SessionFacts }
  | { kind: 'refund'; session: SessionFacts; refund: RefundRow }
  | { kind: 'entry-receipt'; pass: PassFacts; payment: PaymentRow }
  | { kind: 'entry-refund'; pass: PassFacts; refund: RefundRow }
  | { kind: 'notice'; settings: Settings; notices: NamedNotice[] }
  | ({ kind: 'free' } & FreeFacts)
  | { kind: 'code'; settings: Settings; code: string };

export const settingsOf = (facts: LetterFacts): Settings =>
  'session' in facts ? facts.session.settings : 'pass' in facts ? facts.pass.settings : facts.settings;

/** `stopUrl`: where the reader says that they want no such mails. */
export type WrittenLetter = { subject: string; text: string; html: string; stopUrl?: string };

/** Puts it into words. Pure. */
export type WriteLetter = (facts: LetterFacts, o: { language: string; now: Instant }) => WrittenLetter;
