import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { mailConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/host/log.ts';
import { buy } from '../../support/bought.ts';
import { inboxOf, outbox, untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry, password } from '../../support/laundry.ts';
import { beginToPay, untilState } from '../../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
});
afterEach(async () => {
  laundry.mail.setFault('none');
  laundry.mail.hangUp();
  await laundry.until('nothing on its way', async () => {
    const { rows } = await pool().query("select from mails where state = 'sending'");
    return rows.length === 0;
  });
  await pool().query("update mails set state = 'given-up', try_at = null where state = 'waiting'");
});
afterAll(() => laundry.close());

const pool = () => laundry.app.database.pool;
const minute = 60_000;
let facts = 0;

/** A payment that a mail can tell of; who paid it was written to already. */
async function somePayment() {
  const bought = await buy(laundry);
  await untilState(laundry, bought.token, 'running');
  const payment = await bought.payment();
  await laundry.ahead(61_000);
  await untilState(laundry, bought.token, 'complete');
  await untilAllSent(laundry);
  return payment;
}
let payment: Awaited<ReturnType<typeof somePayment>>;
beforeAll(async () => {
  payment = await somePayment();
});

/** Puts a receipt into the outbox in a transaction of its own; answers its key. */
async function queue(to: string | null, o: { key?: string; fail?: boolean; notBefore?: number } = {}): Promise<string> {
  const key = o.key ?? `test:${++facts}`;
  const sessionId = payment.session_id;
  if (sessionId === null) throw new Error('The payment is for no session');
  const queued = laundry.app.database.transaction('test-mail', async (tx) => {
    await laundry.app.services.outbox.queue(tx, {
      organizationId: payment.organization_id,
      key,
      to,
      language: 'en',
      kind: 'receipt',
      facts: { paymentId: payment.id, sessionId },
      ...(o.notBefore === undefined ? {} : { notBefore: o.notBefore }),
    });
    if (o.fail === true) throw new Error('It was not to be');
  });
  await (o.fail === true ? expect(queued).rejects.toThrow('It was not to be') : queued);
  return key;
}
/** Tokens do not live as long as some of these tests. */
async function signIn(): Promise<string> {
  const body = { email: 'owner@keystead.test', password };
  return String((await laundry.call('POST', '/api/auth/login', { body })).body.token);
}
const rowOf = async (address: string) => {
  const { rows } = await pool().query(
    'select state, attempts, unsure, detail, extract(epoch from try_at) * 1000 as due from mails where recipient = $1',
    [address],
  );
  return rows[0];
};
const untilRow = (address: string, state: string, attempts: number) =>
  laundry.until(`${address} ${state} after ${attempts}`, async () => {
    const row = await rowOf(address);
    return row?.state === state && row.attempts === attempts ? row : null;
  });

describe('what is put into the outbox', () => {
  test('goes out once, however often the same fact is told', async () => {
    const to = 'once@example.com';
    const key = await queue(to);
    await Promise.all([1, 2, 3, 4].map(() => queue(to, { key })));
    await untilMails(laundry, to, 1);
    await untilAllSent(laundry);
    await queue(to, { key });
    await untilAllSent(laundry);
    expect(inboxOf(laundry, to).length).toBe(1);
  });

  test('in a transaction that fails never was', async () => {
    const to = 'never@example.com';
    await queue(to, { fail: true });
    expect(await outbox(laundry, to)).toEqual([]);
  });

  test('for later is not sent before', async () => {
    const to = 'later@example.com';
    await queue(to, { notBefore: laundry.clock.now() + minute });
    await queue('now@example.com');
    await untilMails(laundry, 'now@example.com', 1);
    expect(inboxOf(laundry, to)).toEqual([]);
    await laundry.ahead(minute);
    await untilMails(laundry, to, 1);
  });

  test.each([null, '', 'nobody', 'x@y.example, z@y.example', 'x@y.example\r\nRCPT TO:<z@y.example>'])(
    'for %j, which is no address, is nothing',
    async (to) => {
      const before = (await pool().query('select count(*)::int as n from mails')).rows[0].n;
      await queue(to);
      expect((await pool().query('select count(*)::int as n from mails')).rows[0].n).toBe(before);
    },
  );
});

describe('a mail server with trouble', () => {
  test('greylisting: tried again after a minute, and taken', async () => {
    laundry.mail.setFault('greylist');
    const to = 'grey@example.com';
    await queue(to);
    const row = await untilRow(to, 'waiting', 1);
    expect(row.detail).toContain('451');
    expect(Number(row.due)).toBeGreaterThan(laundry.clock.now());
    expect(inboxOf(laundry, to)).toEqual([]);
    await laundry.ahead(minute);
    await untilRow(to, 'sent', 2);
    expect(inboxOf(laundry, to).length).toBe(1);
  });

  test('no such mailbox: over, and never tried again', async () => {
    laundry.mail.setFault('refuse');
    const to = 'unknown@example.com';
    await queue(to);
    await untilRow(to, 'refused', 1);
    laundry.mail.setFault('none');
    await laundry.ahead(24 * 60 * minute);
    expect(await rowOf(to)).toMatchObject({ state: 'refused', attempts: 1, due: null });
    expect(inboxOf(laundry, to)).toEqual([]);
  });

  test('down for hours: a notice for people, every mail sent in the end, the notice gone', async () => {
    laundry.mail.setFault('down');
    const notices = async () =>
      (await pool().query('select kind from notices where cleared_at is null')).rows.map(({ kind }) => kind);
    const to = 'patient@example.com';
    await queue(to);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await untilRow(to, 'waiting', attempt);
      expect((await notices()).includes('mail-not-going-out')).toBe(attempt === 5);
      await laundry.ahead(2 ** (attempt - 1) * minute);
    }
    await untilRow(to, 'waiting', 6);
    laundry.mail.setFault('none');
    await laundry.ahead(40 * minute);
    await untilRow(to, 'sent', 7);
    expect(inboxOf(laundry, to).length).toBe(1);
    await laundry.until('no notice', async () => !(await notices()).includes('mail-not-going-out'));
  });

  test('down for more than three days: given up', async () => {
    laundry.mail.setFault('down');
    const to = 'forlorn@example.com';
    await queue(to);
    await untilRow(to, 'waiting', 1);
    await laundry.ahead(73 * 60 * minute);
    await untilRow(to, 'given-up', 1);
  });

  test('hangs up after the body each time: sent again under the same Message-ID, four times at most', async () => {
    laundry.mail.setFault('drop');
    const to = 'doubtful@example.com';
    await queue(to);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await untilRow(to, 'waiting', attempt)).unsure).toBe(attempt);
      await laundry.ahead(10 * minute);
    }
    await untilRow(to, 'given-up', 4);
    await laundry.ahead(7 * 60 * minute);
    const mails = inboxOf(laundry, to);
    expect(mails.length).toBe(4);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
  });

  test('hangs: machines run, money goes, and no job waits for it', async () => {
    laundry.mail.setFault('hang');
    await Promise.all(Array.from({ length: 30 }, (_, n) => queue(`hung${n}@example.com`)));
    await laundry.until('as many as go at once', async () => {
      const { rows } = await pool().query("select from mails where state = 'sending'");
      return rows.length === 6;
    });
    const bought = await beginToPay(laundry, laundry.washer.plans.now, { body: { email: 'hasty@example.com' } });
    await laundry.stripe.pay(bought.checkoutId);
    await untilState(laundry, bought.token, 'running');
    await laundry.call('PATCH', `/api/sessions/${bought.token}/fail`, { token: await signIn() });
    await laundry.until('the money back', () => laundry.stripe.charges().at(-1)?.amountRefunded === 100);
    const { rows } = await pool().query("select state from mails where recipient like 'hung%' and state = 'sending'");
    expect(rows.length).toBe(6); // all the while
    await laundry.until('no job left', async () => {
      const jobs = await pool().query('select from graphile_worker.jobs');
      return jobs.rows.length === 0;
    });
    expect((await outbox(laundry, 'hasty@example.com')).map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ['receipt', 0],
      ['refund', 0],
    ]);
  });
});

describe('several processes', () => {
  test('deliver a mail once, although both see that it is due at the same moment', async () => {
    laundry.mail.setFault('slow');
    const { host, port, user, database } = pool().options;
    const other = await createApp({
      config: {
        publicUrl: laundry.url,
        trustProxy: 0,
        cronSecret: null,
        stripeBaseUrl: laundry.stripe.url,
        mail: mailConfig(laundry.mail.smtpUrl, 'laundry@keystead.test'),
      },
      connection: { host, port, user, database } as Parameters<typeof createApp>[0]['connection'],
      masterKey: Buffer.alloc(32, 7),
      clock: laundry.clock,
      log: createLog('silent'),
    });
    const engine = await other.startEngine();
    const readers = Array.from({ length: 5 }, (_, n) => `both${n}@example.com`);
    await Promise.all(readers.map((to) => queue(to)));
    await laundry.until('all sent', async () => {
      const { rows } = await pool().query("select from mails where recipient like 'both%' and state = 'sent'");
      return rows.length === readers.length;
    });
    await engine.stop();
    await other.close();
    for (const to of readers) {
      expect(inboxOf(laundry, to).length).toBe(1);
      expect((await outbox(laundry, to))[0]?.attempts).toBe(1);
    }
  });
});

describe('the address of a person', () => {
  test('is forgotten a month after the mail, and still not written to twice', async () => {
    const to = 'old@example.com';
    const key = await queue(to);
    await untilMails(laundry, to, 1);
    await untilAllSent(laundry);
    laundry.clock.ahead(31 * 24 * 60 * minute);
    await laundry.app.services.outbox.forgetOld();
    expect(await outbox(laundry, to)).toEqual([]);
    await queue(to, { key });
    await untilAllSent(laundry);
    expect(inboxOf(laundry, to).length).toBe(1);
  });
});
