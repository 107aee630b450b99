import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type MailSimulatorOptions, startMailSimulator } from '../../../simulators/mail/start.ts';
import { systemClock } from '../../host/clock.ts';
import type { Letter } from '../mail-port.ts';
import { createSmtpProvider, type Patience, type SmtpServer } from './provider.ts';

const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Longer than any test may take: what is waited for comes, however busy the machine is. */
const patience: Patience = { connect: 20_000, talk: 20_000, verdict: 20_000 };
const letter: Letter = {
  id: 'mail_01',
  fromName: 'Bright Laundry',
  to: 'guest@example.com',
  subject: 'Receipt',
  text: 'Thank you.',
  html: '<p>Thank you.</p>',
  at: Date.UTC(2026, 5, 12),
};

async function server(o: Partial<MailSimulatorOptions> = {}) {
  const mail = await startMailSimulator({ stateDir: null, ...o });
  open.push(mail);
  return mail;
}

const never = new AbortController().signal;
function send(
  smtpUrl: string,
  o: {
    letter?: Partial<Letter>;
    server?: Partial<SmtpServer>;
    signal?: AbortSignal;
    patience?: Partial<Patience>;
  } = {},
) {
  const { hostname, port } = new URL(smtpUrl);
  const provider = createSmtpProvider({
    clock: systemClock,
    patience: { ...patience, ...o.patience },
    server: {
      host: hostname,
      port: Number(port),
      secure: false,
      tls: 'optional',
      user: null,
      password: null,
      from: { name: null, address: 'laundry@keystead.example' },
      ...o.server,
    },
  });
  return provider.send({ ...letter, ...o.letter }, o.signal ?? never);
}

describe('a mail handed over by SMTP', () => {
  test('is accepted, with its own Message-ID, its text and its HTML', async () => {
    const mail = await server();
    expect(await send(mail.smtpUrl)).toMatchObject({ kind: 'accepted' });
    const [taken, ...others] = mail.mails();
    expect(others).toEqual([]);
    expect(taken).toMatchObject({
      from: 'laundry@keystead.example',
      to: ['guest@example.com'],
      sender: { name: 'Bright Laundry', address: 'laundry@keystead.example' },
      messageId: '<mail_01@keystead.example>',
      subject: 'Receipt',
      text: 'Thank you.\n',
      html: '<p>Thank you.</p>\n',
    });
    expect(taken?.raw).toContain('Auto-Submitted: auto-generated');
    expect(taken?.raw).toContain('Date: Fri, 12 Jun 2026 00:00:00 +0000');
  });

  test('once more, carries the same Message-ID: it is known as the same mail', async () => {
    const mail = await server();
    await send(mail.smtpUrl);
    await send(mail.smtpUrl);
    expect(mail.mails().map(({ messageId }) => messageId)).toEqual(Array(2).fill('<mail_01@keystead.example>'));
  });

  test('keeps hostile words in their place: no header, no second recipient', async () => {
    const mail = await server();
    const hostile = 'Laundry\r\nBcc: thief@example.com\r\n\r\n<script>';
    const outcome = await send(mail.smtpUrl, { letter: { subject: hostile, fromName: `"${hostile}" <x@y.example>,` } });
    expect(outcome.kind).toBe('accepted');
    const [taken] = mail.mails();
    expect(taken?.to).toEqual(['guest@example.com']);
    expect(taken?.subject).toBe('Laundry Bcc: thief@example.com <script>');
    expect(taken?.sender.address).toBe('laundry@keystead.example');
    const head = taken?.raw.split('\r\n\r\n', 1)[0] ?? '';
    expect(head).not.toMatch(/^(Bcc|<script>)/im);
    expect(head.match(/^From:/gm)).toHaveLength(1);
  });

  test('is encrypted where the server offers it', async () => {
    const mail = await server({ startTls: true });
    expect(await send(mail.smtpUrl)).toMatchObject({ kind: 'accepted' });
    expect(mail.mails()[0]?.secure).toBe(true);
  });

  test('logs in where the server asks for it', async () => {
    const mail = await server({ login: { user: 'laundry', password: 'p@ss:word' } });
    expect(await send(mail.smtpUrl, { server: { user: 'laundry', password: 'p@ss:word' } })).toMatchObject({
      kind: 'accepted',
    });
    expect(mail.mails()[0]?.user).toBe('laundry');
  });
});

describe('a mail that is not accepted', () => {
  test('550: refused for good', async () => {
    const mail = await server();
    mail.setFault('refuse');
    expect(await send(mail.smtpUrl)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('550') });
  });

  test('451: later; and the next try is accepted', async () => {
    const mail = await server();
    mail.setFault('greylist');
    expect(await send(mail.smtpUrl)).toMatchObject({
      kind: 'later',
      about: 'mail',
      detail: expect.stringMatching(/451/),
    });
    expect(await send(mail.smtpUrl)).toMatchObject({ kind: 'accepted' });
  });

  test('the server hangs after the body: it is not known whether it was taken', async () => {
    const mail = await server();
    mail.setFault('hang');
    expect(await send(mail.smtpUrl, { patience: { verdict: 400 } })).toMatchObject({ kind: 'unknown' });
    await expect.poll(() => mail.mails().length).toBe(1);
  });

  test('the server hangs up after the body: it is not known either', async () => {
    const mail = await server();
    mail.setFault('drop');
    expect(await send(mail.smtpUrl)).toMatchObject({ kind: 'unknown' });
  });

  test('the server takes longer than we wait, before it wanted the body: later, and nothing was sent', async () => {
    const mail = await server();
    mail.setFault('slow');
    expect(await send(mail.smtpUrl, { patience: { talk: 400 } })).toMatchObject({ kind: 'later', about: 'server' });
    expect(mail.mails()).toEqual([]);
  });

  test('how long the verdict may take says nothing about the time before it: the answer is heard', async () => {
    const mail = await server(); // it greets after 100 ms, to find out who talks too soon
    mail.setFault('refuse');
    expect(await send(mail.smtpUrl, { patience: { verdict: 30 } })).toMatchObject({ kind: 'refused' });
  });

  test.each(['hangs up at once', 'is not there'])('the server %s: later', async (what) => {
    const mail = await server();
    mail.setFault('down');
    if (what === 'is not there') await mail.close();
    expect(await send(mail.smtpUrl)).toMatchObject({ kind: 'later', about: 'server' });
  });

  test('the server says nothing at all: later', async () => {
    const silent = net.createServer();
    const sockets: net.Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      },
    });
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await send(`smtp://127.0.0.1:${port}`, { patience: { talk: 400 } })).toMatchObject({
      kind: 'later',
      about: 'server',
    });
  });

  test('a wrong password is the set-up’s fault, not the mail’s: later', async () => {
    const mail = await server({ login: { user: 'laundry', password: 'right' } });
    const outcome = await send(mail.smtpUrl, { server: { user: 'laundry', password: 'wrong' } });
    expect(outcome).toMatchObject({ kind: 'later', about: 'server', detail: expect.stringContaining('535') });
    expect(outcome.detail).not.toContain('wrong');
  });

  test.each([
    ['no encryption is offered', false],
    ['the certificate is nobody’s', true],
  ])('%s although it must be encrypted: nothing is said, later', async (_, startTls) => {
    const mail = await server({ startTls });
    const outcome = await send(mail.smtpUrl, { server: { tls: 'required', user: 'laundry', password: 'secret' } });
    expect(outcome).toMatchObject({ kind: 'later', about: 'server' });
    expect(mail.mails()).toEqual([]);
  });

  test('the process ends meanwhile: before the body surely not sent, after it unknown', async () => {
    const mail = await server();
    const ended = AbortSignal.abort();
    expect(await send(mail.smtpUrl, { signal: ended })).toMatchObject({ kind: 'later' });
    mail.setFault('hang');
    const ending = new AbortController();
    const sending = send(mail.smtpUrl, { signal: ending.signal });
    while (mail.mails().length === 0) await systemClock.sleep(5);
    ending.abort();
    expect(await sending).toMatchObject({ kind: 'unknown' });
  });
});
