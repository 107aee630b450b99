/** The mail simulator: a mail server that keeps everything, and the inbox of everybody it kept mail for. */
import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';
import PostalMime from 'postal-mime';
import { type SimulatorClock, systemClock } from '../clock.ts';
import { LOOPBACK, listen } from '../loopback.ts';
import { openStore } from '../store.ts';
import { inboxPages } from './inbox.ts';
import { type MailFault, type Sink, type SinkOptions, startSink, type Taken } from './sink.ts';

export type { MailFault } from './sink.ts';

/** One mail as it came, and as a mail program reads it. */
export type MailView = {
  id: string;
  at: number; // epoch milliseconds
  /** Of the envelope: who gets it, whatever its headers say. */
  from: string;
  to: string[];
  secure: boolean;
  user: string | null;
  messageId: string;
  sender: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
  raw: string;
};

export type MailSimulatorOptions = Pick<SinkOptions, 'login' | 'startTls'> & {
  stateDir: string | null; // null: nothing is remembered after close
  clock?: SimulatorClock;
};
export type MailSimulator = {
  /** The inbox, for people. */
  url: string;
  /** Where to send: `smtp://127.0.0.1:PORT`. */
  smtpUrl: string;
  /** Oldest first. */
  mails(): MailView[];
  state(): { fault: MailFault };
  setFault(fault: MailFault): void;
  /** Ends every connection to the mail server. */
  hangUp(): void;
  close(): Promise<void>;
};

const MOST = 500;

export async function startMailSimulator(options: MailSimulatorOptions): Promise<MailSimulator> {
  const { stateDir, clock = systemClock, ...sinkOptions } = options;
  const store = openStore(stateDir === null ? null : path.join(stateDir, 'mail.journal'));
  const kept = store.table<MailView>('mails');
  const ports = store.table<number>('ports');
  let fault: MailFault = 'none';

  async function keep(taken: Taken): Promise<void> {
    const mail = await viewOf(taken, clock.now());
    kept.put(mail.id, mail);
    for (const old of kept.all().slice(0, -MOST)) kept.drop(old.id);
    store.commit();
  }

  const simulator = {
    mails: () => kept.all(),
    state: () => ({ fault }),
    setFault: (wanted: MailFault) => {
      fault = wanted;
    },
  };
  const lasting = stateDir === null ? null : 'lasting';
  const inbox = await listen(inboxPages(simulator), ports.get('inbox') ?? lasting);
  const sink = await startOnPort({ ...sinkOptions, fault: () => fault, keep }, ports.get('smtp') ?? lasting).catch(
    async (error: unknown) => {
      await inbox.close();
      throw error;
    },
  );
  ports.put('inbox', inbox.port);
  ports.put('smtp', sink.port);
  store.commit();
  return {
    ...simulator,
    hangUp: sink.hangUp,
    url: `http://${LOOPBACK}:${inbox.port}`,
    smtpUrl: `smtp://${LOOPBACK}:${sink.port}`,
    async close() {
      await sink.close();
      await inbox.close();
      store.close();
    },
  };
}

async function startOnPort(options: Omit<SinkOptions, 'port'>, wanted: number | 'lasting' | null): Promise<Sink> {
  for (let attempt = 0; ; attempt++) {
    const port = wanted === 'lasting' ? randomInt(18_000, 32_000) : (wanted ?? 0);
    try {
      return await startSink({ ...options, port });
    } catch (error) {
      if (wanted === 'lasting' && attempt < 50) continue;
      throw new Error(`A simulator cannot listen on port ${port}. Are the simulators running already?`, {
        cause: error,
      });
    }
  }
}

async function viewOf({ from, to, raw, secure, user }: Taken, at: number): Promise<MailView> {
  const mail = await PostalMime.parse(raw);
  return {
    id: `${at.toString(36)}${randomBytes(4).toString('hex')}`,
    at,
    from,
    to,
    secure,
    user,
    messageId: mail.messageId ?? '',
    sender: { name: mail.from?.name ?? '', address: mail.from?.address ?? '' },
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    raw: raw.toString('utf8'),
  };
}
