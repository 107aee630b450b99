import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type MailSimulator, startMailSimulator } from './start.ts';

const open: { close(): Promise<void> }[] = [];
async function start(stateDir: string | null = null): Promise<MailSimulator> {
  const mail = await startMailSimulator({ stateDir });
  open.push(mail);
  return mail;
}
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Says the lines, each after an answer; answers what was said back. */
function talk(smtpUrl: string, lines: string[]): Promise<string> {
  const { hostname, port } = new URL(smtpUrl);
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname);
    let heard = '';
    socket.on('data', (part) => {
      heard += String(part);
      if (!/^\d{3} [^\r\n]*\r\n$/m.test(String(part))) return;
      const next = lines.shift();
      if (next === undefined) socket.end();
      else socket.write(`${next}\r\n`);
    });
    socket.on('error', () => resolve(heard));
    socket.on('close', () => resolve(heard));
  });
}
const message = (body: string): string[] => [
  'EHLO me',
  'MAIL FROM:<laundry@x.example>',
  'RCPT TO:<guest@x.example>',
  'DATA',
  `From: Laundry <laundry@x.example>\r\nSubject: =?utf-8?Q?Fertig_=E2=9C=93?=\r\nMessage-ID: <1@x.example>\r\n${body}\r\n.`,
];
const html =
  '<html><head><title>x</title></head><body><script>alert(1)</script><a href="https://x.example/s">Show</a></body></html>';
const both = `MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee https://x.example/s?a=1&b=2 <b>\r\n--b\r\nContent-Type: text/html\r\n\r\n${html}\r\n--b--`;

describe('the simulated mail server', () => {
  it('keeps what it takes, as a mail program reads it', async () => {
    const mail = await start();
    expect(await talk(mail.smtpUrl, message(both))).toContain('250 Taken');
    expect(mail.mails()).toMatchObject([
      { to: ['guest@x.example'], subject: 'Fertig ✓', messageId: '<1@x.example>', sender: { name: 'Laundry' } },
    ]);
  });

  it('still has a mail that it said was taken, after a restart, at the same addresses', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-'));
    const first = await start(dir);
    await talk(first.smtpUrl, message(both));
    await first.close();
    const second = await start(dir);
    expect([second.url, second.smtpUrl]).toEqual([first.url, first.smtpUrl]);
    expect(second.mails().map(({ subject }) => subject)).toEqual(['Fertig ✓']);
  });

  it.each([
    ['greylist', /451 /],
    ['refuse', /550 /],
    ['down', /^$/],
  ] as const)('%s: says %s', async (fault, said) => {
    const mail = await start();
    mail.setFault(fault);
    expect(await talk(mail.smtpUrl, message(both))).toMatch(said);
    expect(mail.mails()).toEqual([]);
  });

  it('drop: takes the mail and hangs up instead of answering', async () => {
    const mail = await start();
    mail.setFault('drop');
    expect(await talk(mail.smtpUrl, message(both))).not.toContain('250 Taken');
    expect(mail.mails().length).toBe(1);
  });
});

describe('the inbox', () => {
  const get = async (mail: MailSimulator, where: string) => {
    const answer = await fetch(mail.url + where);
    return {
      status: answer.status,
      policy: answer.headers.get('content-security-policy') ?? '',
      text: await answer.text(),
    };
  };

  it('lists the mails, newest first, and shows one with its text and its HTML', async () => {
    const mail = await start();
    expect((await get(mail, '/')).text).toContain('No mail yet');
    await talk(mail.smtpUrl, message(both));
    const list = await get(mail, '/');
    expect(list.text).toContain('Fertig ✓');
    const [, where = ''] = /href="(\/mail\/[^"]+)"/.exec(list.text) ?? [];
    const one = await get(mail, where);
    expect(one.text).toContain(
      `<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="${where}/html">`,
    );
    expect(one.text).toContain('<a href="https://x.example/s?a=1&amp;b=2" target="_blank" rel="noreferrer">');
    expect(one.text).toContain('&lt;b&gt;');
    expect(one.text).not.toContain('<script>alert');
    expect((await get(mail, `${where}/raw`)).text).toContain('Message-ID: <1@x.example>');
  });

  it('lets a mail’s HTML lead out, and do nothing else', async () => {
    const mail = await start();
    await talk(mail.smtpUrl, message(both));
    const part = await get(mail, `/mail/${mail.mails()[0]?.id}/html`);
    expect(part.text).toContain('<head><base target="_blank">');
    expect(part.policy).toContain("default-src 'none'");
    expect(part.policy).toContain('sandbox allow-popups');
    expect(part.policy).not.toContain('allow-scripts');
  });

  it('has a button for each fault, and refuses what it does not know', async () => {
    const mail = await start();
    const post = async (body: string, type = 'application/json') =>
      (await fetch(`${mail.url}/api/fault`, { method: 'POST', headers: { 'content-type': type }, body })).status;
    expect(await post('{"fault":"hang"}')).toBe(200);
    expect(mail.state().fault).toBe('hang');
    expect((await get(mail, '/')).text).toContain('data-testid="mail-fault-hang" aria-pressed="true"');
    expect(await post('{"fault":"fire"}')).toBe(400);
    expect(await post('nonsense')).toBe(400);
    expect(await post('{"fault":"none"}', 'text/plain')).toBe(415);
    for (const where of ['/mail/none', '/mail', '/nothing', '/mail/none/html'])
      expect((await get(mail, where)).status).toBe(404);
    expect(mail.state().fault).toBe('hang');
  });

  it('answers this machine only', async () => {
    const mail = await start();
    const foreign = await new Promise<number>((resolve) => {
      http.get(
        { host: '127.0.0.1', port: new URL(mail.url).port, path: '/', headers: { host: 'evil.example' } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
    });
    expect(foreign).toBe(403);
  });
});
