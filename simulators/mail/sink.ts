/**
 * A mail server that delivers to nobody: it speaks SMTP on loopback and keeps what it takes. Its faults are those of real
 * servers. `hang` and `drop` take the mail and never say so: that is how doubles come about.
 */
import type net from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { after } from '../clock.ts';
import { LOOPBACK } from '../loopback.ts';

export const mailFaults = ['none', 'greylist', 'refuse', 'hang', 'drop', 'slow', 'down'] as const;
export type MailFault = (typeof mailFaults)[number];

export type Taken = { from: string; to: string[]; raw: Buffer; secure: boolean; user: string | null };
export type SinkOptions = {
  port: number;
  /** Who may send; everybody without. */
  login?: { user: string; password: string };
  /** Offers STARTTLS with a certificate that nobody vouches for. */
  startTls?: boolean;
  fault(): MailFault;
  /** Resolves when it is kept; the client hears of it after that. */
  keep(taken: Taken): Promise<void>;
};
export type Sink = {
  port: number;
  /** Ends every connection, as a server that is started again does. */
  hangUp(): void;
  close(): Promise<void>;
};

const SLOW_MS = 1500;

export async function startSink(options: SinkOptions): Promise<Sink> {
  const { fault, keep, login } = options;
  const sockets = new Map<number, net.Socket>(); // by the client's port
  const waiting = new Set<string>(); // whom greylisting has turned away once

  const atItsPace = (work: () => void): void => {
    if (fault() === 'slow') after(SLOW_MS, work);
    else work();
  };

  const behaviour: SMTPServerOptions = {
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: options.startTls === true ? [] : ['STARTTLS'],
    disableReverseLookup: true,
    banner: 'simulated mail server',
    logger: false,
    closeTimeout: 200,
    onAuth: ({ username, password }, _session, done) => {
      const known = login === undefined || (username === login.user && password === login.password);
      done(known ? null : problem(535, 'Wrong user or password'), known ? { user: username ?? '' } : {});
    },
    onMailFrom: (_address, _session, done) => atItsPace(() => done()),
    onRcptTo: ({ address }, _session, done) => {
      if (fault() === 'refuse') return done(problem(550, 'No such mailbox here'));
      if (fault() === 'greylist' && !waiting.has(address)) {
        waiting.add(address);
        return done(problem(451, 'Greylisted, try again later'));
      }
      atItsPace(() => done());
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        keep(takenOf(session, Buffer.concat(parts))).then(
          () => answer(session, done),
          () => done(problem(451, 'Could not be kept')),
        );
      });
    },
  };

  function answer(session: SMTPServerSession, done: (error?: Error | null, text?: string) => void): void {
    if (fault() === 'hang') return;
    if (fault() === 'drop') sockets.get(session.remotePort)?.destroy();
    else atItsPace(() => done(null, 'Taken'));
  }

  function hangUp(): void {
    for (const socket of sockets.values()) socket.destroy();
  }

  const server = new SMTPServer(behaviour);
  server.on('error', () => undefined); // a client that goes away
  server.server.prependListener('connection', (socket) => {
    if (fault() === 'down') return void socket.destroy();
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.on('close', () => sockets.delete(remotePort));
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, LOOPBACK, resolve);
  });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port');
  return {
    port: address.port,
    hangUp,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        hangUp();
      }),
  };
}

function takenOf({ envelope, secure, user }: SMTPServerSession, raw: Buffer): Taken {
  return {
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    raw,
    secure,
    user: typeof user === 'string' && user !== '' ? user : null,
  };
}

const problem = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode });
