import type { Database } from '../../database/open.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { SessionId } from '../../rules/ids.ts';
import type { SignInCodesService } from '../grants/sign-in-codes.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { PassFacts, PassFactsService } from '../passes/pass-facts.service.ts';
import type { PassesService } from '../passes/passes.service.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import type { SessionFacts } from '../sessions/public-view.ts';
import type { SessionFactsService } from '../sessions/session-facts.service.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import type { TellingService } from '../wishes/telling.service.ts';
import type { LetterFacts, MailRow } from './letters.ts';
import { bundleOf } from './mails.store.ts';

type Deps = {
  database: Database;
  sessions: SessionsService;
  facts: SessionFactsService;
  passes: Pick<PassesService, 'find'>;
  passFacts: PassFactsService;
  payments: PaymentsService;
  notices: NoticesService;
  settings: SettingsService;
  telling: TellingService;
  signInCodes: Pick<SignInCodesService, 'letter'>;
};

/** Gathers what a mail tells, as it is when the mail is sent. Only reads. */
export function createLetterFacts(deps: Deps) {
  const { database, sessions, facts, passes, passFacts, payments, notices, settings, telling, signInCodes } = deps;

  /** null: what it was to tell of is not there any more. */
  async function of(mail: MailRow): Promise<LetterFacts | null> {
    switch (mail.kind) {
      case 'receipt':
        return receipt(mail);
      case 'done': {
        const session = await sessionOf(mail);
        return session === null ? null : { kind: 'done', session };
      }
      case 'refund': {
        const pass = await passOf(mail);
        if (pass !== null) {
          const own = pass.refunds.find(({ id }) => id === mail.facts?.refundId);
          return own === undefined ? null : { kind: 'entry-refund', pass, refund: own };
        }
        const session = await sessionOf(mail);
        const refund = session?.refunds.find(({ id }) => id === mail.facts?.refundId);
        return session === null || refund === undefined ? null : { kind: 'refund', session, refund };
      }
      case 'notice':
        return noticesOf(mail);
      case 'free': {
        const id = mail.facts?.wishId;
        const free = id === undefined ? null : await telling.letter(mail.organization_id, id);
        return free === null ? null : { kind: 'free', ...free };
      }
      case 'code': {
        const id = mail.facts?.signInCodeId;
        const found = id === undefined ? null : await signInCodes.letter(mail.organization_id, id);
        return found === null ? null : { kind: 'code', settings: await settings.get(mail.organization_id), ...found };
      }
      default:
        return assertNever(mail.kind);
    }
  }

  async function receipt(mail: MailRow): Promise<LetterFacts | null> {
    const payment = await payments.find(mail.organization_id, { id: mail.facts?.paymentId ?? null });
    const pass = await passOf(mail);
    if (pass !== null) return payment === null ? null : { kind: 'entry-receipt', pass, payment };
    const session = await sessionOf(mail);
    return payment === null || session === null ? null : { kind: 'receipt', session, payment };
  }

  async function passOf(mail: MailRow): Promise<PassFacts | null> {
    const id = mail.facts?.passId;
    const row = id === undefined ? null : await passes.find(mail.organization_id, id);
    return row === null ? null : passFacts.of(row);
  }

  async function sessionOf(mail: MailRow): Promise<SessionFacts | null> {
    const id: SessionId | undefined = mail.facts?.sessionId;
    const row = id === undefined ? null : await sessions.find(mail.organization_id, id);
    return row === null ? null : facts.of(row);
  }

  async function noticesOf(mail: MailRow): Promise<LetterFacts | null> {
    const told = (await bundleOf(database.read, mail)).map((one) => one.facts ?? {});
    const ids = told.map(({ noticeId }) => noticeId).filter((id) => id !== undefined);
    const whatever = told.filter((facts) => facts.onlyIfStanding !== true).map(({ noticeId }) => noticeId);
    const rows = (await notices.some(mail.organization_id, ids)).filter(
      (row) => (row.cleared_at === null && row.dismissed_at === null) || whatever.includes(row.id),
    );
    if (rows.length === 0) return null;
    return { kind: 'notice', settings: await settings.get(mail.organization_id), notices: rows };
  }

  return { of };
}

export type LetterFactsService = ReturnType<typeof createLetterFacts>;
