import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const pool = () => laundry.app.database.pool;
const say = (token: string, body: unknown) =>
  ask(laundry, `POST /api/public/sessions/${token}/message`, body, { token: null });
const form = (token: string, fields: Record<string, string>) =>
  laundry.call('POST', `/session/${token}/message`, {
    raw: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
  });
const page = (token: string, more = '') =>
  laundry.call('GET', `/session/${token}${more}`, { headers: { 'accept-language': 'en' } });
const told = async (token: string) => (await ask(laundry, `GET /api/sessions/${token}`)).body.messages;
const notices = async () =>
  (await ask(laundry, 'GET /api/notices')).body.filter(({ kind }: { kind: string }) => kind === 'guest-message');

const open: string[] = [];
afterEach(async () => {
  for (const token of open.splice(0)) await ask(laundry, `PATCH /api/sessions/${token}/end`);
  await pool().query("update notices set cleared_at = now() where kind = 'guest-message' and cleared_at is null");
});

/** A session that staff has ended: paid, and the money goes back. */
async function ended(): Promise<string> {
  const { token } = await beginToPay(laundry, laundry.washer.plans.free);
  await laundry.ahead(0);
  await ask(laundry, `PATCH /api/sessions/${token}/end`);
  return token;
}

describe('a message from a guest', () => {
  test('is kept with the session, and a notice for staff', async () => {
    const token = await ended();
    const answer = await say(token, { text: 'It stopped.\r\nDoor\u0007 locked.', email: ' me@example.com ' });
    expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    const text = 'It stopped.\nDoor locked.';
    expect(await told(token)).toEqual([{ at: instant, text, email: 'me@example.com' }]);
    const session = (await ask(laundry, `GET /api/sessions/${token}`)).body;
    expect(await notices()).toMatchObject([
      {
        subject: { type: 'session', id: session.id },
        facts: { deviceId: laundry.washer.id, text, email: 'me@example.com' },
      },
    ]);
  });

  test('is passed on once, however often it is sent, also at the same moment', async () => {
    const token = await ended();
    const answers = await Promise.all(Array.from({ length: 4 }, () => say(token, { text: 'It leaks.' })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await say(token, { text: '  It leaks.\n' })).status).toBe(200);
    expect(await told(token)).toEqual([{ at: instant, text: 'It leaks.', email: null }]);
    expect((await notices()).length).toBe(1);
  });

  test('more than one: the notice tells the newest, and the sixth is refused', async () => {
    const token = await ended();
    for (let n = 1; n <= 5; n++) expect((await say(token, { text: `Message ${n}` })).status).toBe(200);
    expectError(await say(token, { text: 'Message 6' }), 409, 'CONFLICT');
    expect((await say(token, { text: 'Message 2' })).status).toBe(200); // said before
    expect((await told(token)).map(({ text }: { text: string }) => text)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `Message ${n}`),
    );
    expect(await notices()).toMatchObject([{ facts: { text: 'Message 5' } }]);
  });

  test('has room for a thousand characters, with line ends counted once', async () => {
    const token = await ended();
    const text = `${'x\r\n'.repeat(499)}xx`;
    expect((await say(token, { text })).status).toBe(200);
    expectError(await say(token, { text: 'x'.repeat(1001) }), 400, 'VALIDATION_ERROR', 'text');
    expect((await told(token)).length).toBe(1);
  });

  test('is not for a session of which nothing can be said yet', async () => {
    const begun = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
    open.push(begun.token);
    expectError(await say(begun.token, { text: 'Hello' }), 409, 'CONFLICT');
    expect((await page(begun.token)).text).toMatch(/data-offer-in="(29\d|300)"/);
    await laundry.stripe.pay(begun.checkoutId);
    await laundry.until('it is paid', async () => (await sessionOf(laundry, begun.token)).status === 'ACTIVE');
    expectError(await say(begun.token, { text: 'Hello' }), 409, 'CONFLICT');
    expect((await page(begun.token)).text).not.toContain('Tell the owner');
  });

  test('is for a machine that is on and does nothing, from a minute after its start', async () => {
    const { token } = await beginToPay(laundry, laundry.washer.plans.free);
    open.push(token);
    await laundry.ahead(0);
    await laundry.until('it runs', async () => (await sessionOf(laundry, token)).state === 'running');
    expectError(await say(token, { text: 'It does not turn.' }), 409, 'CONFLICT');
    const soon = await page(token);
    expect(soon.text).toMatch(/data-offer-in="(5[5-9]|60)"/);
    expect(soon.text).not.toContain('Tell the owner');
    await laundry.ahead(61_000);
    const offered = await page(token);
    expect(offered.text).toContain('Something wrong? Tell the owner');
    expect(offered.text).not.toContain('data-offer-in');
    expect((await page(token, '/message')).text).toContain('<textarea');
    expect((await say(token, { text: 'It does not turn.' })).status).toBe(200);
    expect(await notices()).toMatchObject([{ facts: { text: 'It does not turn.' } }]);
    expect((await sessionOf(laundry, token)).state).toBe('running');
  });

  test('is for who has paid and is not heard of, from five minutes after they began', async () => {
    laundry.stripe.holdWebhooks(true);
    const { token } = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
    open.push(token);
    await laundry.ahead(299_000);
    expectError(await say(token, { text: 'I have paid.' }), 409, 'CONFLICT');
    await laundry.ahead(2_000);
    expect((await page(token)).text).toContain('Something wrong? Tell the owner');
    expect((await say(token, { text: 'I have paid.' })).status).toBe(200);
    laundry.stripe.holdWebhooks(false);
  });

  test('is for staff of this organization alone', async () => {
    const token = await ended();
    await say(token, { text: 'A secret' });
    const foreign = await ask(laundry, `GET /api/sessions/${token}`, undefined, { token: laundry.tokens.stranger });
    expect(foreign.status).toBe(404);
    const others = await ask(laundry, 'GET /api/notices', undefined, { token: laundry.tokens.stranger });
    expect(others.body).toEqual([]);
    expect((await sessionOf(laundry, token)).messages).toBe(undefined);
  });

  test.each<[string, unknown, string]>([
    ['no body', undefined, 'body'],
    ['no text', { email: 'a@x.example' }, 'text'],
    ['an empty text', { text: ' \n\u0007 ' }, 'text'],
    ['no text at all', { text: null }, 'text'],
    ['NUL in it', { text: 'a\u0000b' }, 'text'],
    ['no address', { text: 'a', email: 'me@nowhere' }, 'email'],
    ['a header in the address', { text: 'a', email: 'a@x.example\r\nBcc: b@x.example' }, 'email'],
    ['a field too many', { text: 'a', subject: 'b' }, 'subject'],
  ])('is refused with %s', async (what, body, field) => {
    const token = await ended();
    const row: Refusal = [what, `POST /api/public/sessions/${token}/message`, body, 400, 'VALIDATION_ERROR', field];
    await expectRefused(laundry, row, { token: null });
  });

  test('of an unknown session is not found', async () => {
    expectError(await say('x'.repeat(32), { text: 'Hello' }), 404, 'NOT_FOUND');
    expect((await form('x'.repeat(32), { text: 'Hello' })).status).toBe(404);
    expect((await page('x'.repeat(32), '/message')).status).toBe(404);
  });
});

describe('the form, without a script', () => {
  test('opens with the guest’s own address, is sent, and the page says that it was passed on', async () => {
    const token = await ended();
    expect((await page(token)).text).toContain(`href="/session/${token}/message#message"`);
    const opened = await page(token, '/message');
    expect(opened.text).toContain('<textarea');
    expect(opened.text).toContain('value="guest@example.com"');
    const sent = await form(token, { text: '<script>alert(1)</script>', email: '' });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/session/${token}`]);
    expect((await form(token, { text: '<script>alert(1)</script>', email: '' })).status).toBe(303);
    const after = await page(token);
    expect(after.text).toContain('Your message was passed on (');
    expect(after.text).not.toContain('<script>alert');
    expect(await told(token)).toMatchObject([{ text: '<script>alert(1)</script>', email: null }]);
  });

  test('tells what is the matter, and keeps what was written', async () => {
    const token = await ended();
    const bad = await form(token, { text: '</textarea><b>It leaks', email: 'me@nowhere' });
    expect(bad.status).toBe(400);
    expect(bad.text).toContain('Please check the e-mail address, or leave it empty.');
    expect(bad.text).toContain('&lt;/textarea&gt;&lt;b&gt;It leaks');
    expect((await form(token, { text: ' ' })).text).toContain('Please write a few words.');
    expect((await form(token, { text: 'x'.repeat(1001) })).text).toContain('Please write at most 1000 characters.');
    expect(await told(token)).toEqual([]);
  });

  test('says that enough was passed on', async () => {
    const token = await ended();
    for (let n = 1; n <= 5; n++) await form(token, { text: `Message ${n}` });
    expect((await page(token)).text).not.toContain(`/session/${token}/message`);
    const sixth = await form(token, { text: 'Message 6' });
    expect(sixth.status).toBe(409);
    expect(sixth.text).toContain('No more messages can be taken for this session.');
  });

  test('while the machine is out of sight does not renew itself under the guest’s fingers', async () => {
    const { token } = await beginToPay(laundry, laundry.washer.plans.free);
    open.push(token);
    await laundry.ahead(0);
    laundry.shelly.setFault('Washer 1', 'offline');
    await laundry.ahead(30_000);
    await laundry.until('out of sight', async () => {
      await laundry.ahead(10_000);
      return (await sessionOf(laundry, token)).state === 'unavailable';
    });
    expect((await page(token)).text).toContain('http-equiv="refresh"');
    const opened = await page(token, '/message');
    expect(opened.text).toContain('<textarea');
    expect(opened.text).not.toContain('http-equiv="refresh"');
    laundry.shelly.setFault('Washer 1', 'none');
  });
});
