import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '../../host/clock.ts';
import { minutes, seconds } from '../../rules/instant.ts';
import type { Letter, MailOutcome, MailProvider } from '../mail-port.ts';
import { messageOf, type Sender } from './message.ts';
import { outcomeOf } from './outcome.ts';

export type SmtpServer = {
  host: string;
  port: number;
  /** Encrypted from the first byte. */
  secure: boolean;
  /** required: nothing is said unencrypted, and the certificate is checked. optional: encrypted where it is offered. */
  tls: 'required' | 'optional';
  user: string | null;
  password: string | null;
  from: Sender;
};

/**
 * Milliseconds. `talk`: until the server is ready for the mail's body. `verdict`: from then until its answer; long, as
 * servers look into mails before they answer, and giving up early makes doubles (RFC 5321, 4.5.3.2.6).
 */
export type Patience = { connect: number; talk: number; verdict: number };
const standard: Patience = { connect: seconds(20), talk: seconds(60), verdict: minutes(5) };

/** SMTP by nodemailer's connection, a connection a mail. It says what became of the mail, and nothing that is not so. */
export function createSmtpProvider(o: { server: SmtpServer; clock: Clock; patience?: Patience }): MailProvider {
  const { server, clock, patience = standard } = o;

  async function send(letter: Letter, signal: AbortSignal): Promise<MailOutcome> {
    const bytes = await messageOf(letter, server.from);
    const connection = new SMTPConnection({
      host: server.host,
      port: server.port,
      secure: server.secure,
      requireTLS: server.tls === 'required',
      // where plain text would do as well, an unknown certificate is better than none
      tls: { rejectUnauthorized: server.tls === 'required', minVersion: 'TLSv1.2' },
      connectionTimeout: patience.connect,
      greetingTimeout: patience.talk,
      socketTimeout: Math.max(patience.talk, patience.verdict), // the silence after the body has a deadline of its own
      dnsTimeout: patience.connect,
      socketCloseTimeout: seconds(1),
    });
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    connection.on('error', ended.reject);
    let handedOver = false;
    const giveUp = (why: string) => (): void => ended.reject(new Error(why));
    const overdue = (milliseconds: number, still: () => boolean): void => {
      const late = giveUp('The mail server did not answer in time');
      clock.deadline(milliseconds).addEventListener('abort', () => still() && late(), { once: true });
    };
    const leave = giveUp('The server that sends is being stopped');
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    overdue(patience.talk, () => !handedOver);

    /** Read when the server has said that it is ready for the body, not before. */
    function* body(): Generator<Buffer> {
      handedOver = true;
      overdue(patience.verdict, () => true);
      yield bytes;
    }

    try {
      await Promise.race([connected(connection), ended.promise]);
      if (server.user !== null && connection.allowsAuth) {
        await Promise.race([loggedIn(connection, server.user, server.password ?? ''), ended.promise]);
      }
      const envelope = { from: server.from.address, to: [letter.to], size: bytes.length };
      const answer = await Promise.race([sent(connection, envelope, Readable.from(body())), ended.promise]);
      connection.quit();
      return { kind: 'accepted', detail: answer.slice(0, 300) };
    } catch (error) {
      connection.close();
      return outcomeOf(error, handedOver);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  return { send };
}

const connected = (connection: SMTPConnection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });

const loggedIn = (connection: SMTPConnection, user: string, pass: string): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.login({ user, pass, credentials: { user, pass } }, (error) => (error ? reject(error) : resolve()));
  });

const sent = (
  connection: SMTPConnection,
  envelope: Parameters<SMTPConnection['send']>[0],
  body: Readable,
): Promise<string> =>
  new Promise((resolve, reject) => {
    connection.send(envelope, body, (error, info) => (error ? reject(error) : resolve(info?.response ?? '')));
  });
