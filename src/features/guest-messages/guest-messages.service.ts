import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { OrganizationId, SessionId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { mayWrite, mayWriteFrom, mostMessages, type Run } from '../../rules/messages/may-write.ts';
import { messageText } from '../../rules/messages/plain-text.ts';
import { pageState } from '../../rules/sessions/view.ts';
import { emailAddress } from '../checkout/email-address.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { refundView, type SessionFacts } from '../sessions/public-view.ts';
import type { SessionFactsService } from '../sessions/session-facts.service.ts';
import { sessionOf } from '../sessions/session-row.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';
import { type GuestMessageRow, insertMessage, messagesOf } from './guest-messages.store.ts';

export type MessageInput = { text: string; email?: string | null | undefined };

/** What the page of a session shows of it. */
export type Correspondence = {
  /** Whether this session is one to write about, and how many more messages it takes. */
  may: boolean;
  /** When that will be; null: it may already, or not while things are as they are. */
  mayFrom: Instant | null;
  left: number;
  lastAt: Instant | null;
  /** The guest's own address, as it was given when paying. */
  email: string | null;
};

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  sessions: SessionsService;
  facts: SessionFactsService;
  notices: NoticesService;
};

/** What guests tell the owner when something went wrong: kept with the session, and a notice for staff. */
export function createGuestMessages({ database, clock, random, sessions, facts, notices }: Deps) {
  async function around(found: SessionFacts): Promise<Correspondence> {
    const messages = await of(found.row.organization_id, found.row.id);
    const now = clock.now();
    const run = runOf(found, now);
    const may = mayWrite(run, now);
    return {
      may,
      mayFrom: may ? null : mayWriteFrom(run),
      left: Math.max(0, mostMessages - messages.length),
      lastAt: messages.at(-1)?.created_at ?? null,
      email: found.row.guest_email ?? found.payments.find((one) => one.extra_ms === 0)?.guest_email ?? null,
    };
  }

  /** The same text is passed on once, however often it is sent. */
  async function passOn(token: string, input: MessageInput): Promise<void> {
    const found = await facts.byToken(token);
    if (found === null) throw notFound('Session not found');
    const text = messageText('text', input.text);
    const email = emailAddress(input.email);
    const now = clock.now();
    if (!mayWrite(runOf(found, now), now)) throw new Problem('CONFLICT', 'There is nothing to write about yet');
    const { organization_id: organizationId, id: sessionId, device_id: deviceId } = found.row;
    await database.transaction('guest-message', async (tx) => {
      await sessions.lock(tx, organizationId, sessionId);
      const before = await messagesOf(tx, organizationId, sessionId);
      if (before.some((one) => one.text === text)) return;
      if (before.length >= mostMessages) throw new Problem('CONFLICT', `A session takes ${mostMessages} messages`);
      const row = {
        organization_id: organizationId,
        id: random.id('guestMessage'),
        session_id: sessionId,
        text,
        email,
      };
      await insertMessage(tx, row, clock.now());
      // what was said before stands with the session; the notice is about what is new
      await notices.clear(tx, organizationId, 'guest-message', sessionId);
      await notices.raise(tx, organizationId, 'guest-message', sessionId, { deviceId, messageId: row.id, text, email });
    });
  }

  /** Oldest first. */
  const of = (organizationId: OrganizationId, sessionId: SessionId): Promise<GuestMessageRow[]> =>
    messagesOf(database.read, organizationId, sessionId);

  return { around, passOn, of };
}

function runOf(found: SessionFacts, now: Instant): Run {
  const { row } = found;
  return {
    state: pageState(sessionOf(row), now),
    refundFailed: refundView(found)?.state === 'failed',
    createdAt: row.created_at,
    startedAt: row.started_at,
    endsAt: row.ends_at,
    endedAt: row.ended_at,
  };
}

export type GuestMessagesService = ReturnType<typeof createGuestMessages>;
