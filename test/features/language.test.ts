import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilMails } from '../support/inbox.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
});
afterAll(() => laundry.close());

type Guest = { cookie: string };
const cookiesOf = (answer: { headers: Headers }): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
const look = (path: string, o: Partial<Guest> & { language?: string } = {}) =>
  laundry.call('GET', path, {
    ...(o.cookie === undefined ? {} : { cookie: o.cookie }),
    headers: { 'accept-language': o.language ?? 'en' },
  });
const spokenOn = (page: { text: string }): string | undefined => /<html lang="([^"]+)"/.exec(page.text)?.[1];
const pay = () => `/pay/${laundry.washer.uid}`;

describe('the language of a guest', () => {
  test('is the browser’s at first, and a plain link to the other stands on the page', async () => {
    const page = await look(pay(), { language: 'de-AT,de;q=0.9' });
    expect(spokenOn(page)).toBe('de-AT');
    expect(page.text).toMatch(new RegExp(`<a href="${pay()}\\?lang=en" lang="en" hreflang="en" >English</a>`));
    expect(page.text).toMatch(/lang="de" hreflang="de" aria-current="true">Deutsch</);
    expect(cookiesOf(page)).not.toContain('keystead_language');
  });

  test('switches by the link and stays switched, on every page', async () => {
    const switched = await look(`${pay()}?lang=de`);
    expect(spokenOn(switched)).toBe('de');
    const cookie = cookiesOf(switched);
    expect(cookie).toContain('keystead_language=de');
    for (const path of [pay(), '/pay/nowhere', '/console']) expect(spokenOn(await look(path, { cookie }))).toBe('de');
    expect(spokenOn(await look(`${pay()}?lang=en`, { cookie }))).toBe('en');
  });

  test.each(['fr', 'xx', 'de"><script>', 'DE-!', '', 'x'.repeat(200)])(
    '%j, which we do not speak, switches nothing',
    async (tag) => {
      const page = await look(`${pay()}?lang=${encodeURIComponent(tag)}`, { language: 'de' });
      expect([page.status, spokenOn(page)]).toEqual([200, 'de']);
      expect(cookiesOf(page)).not.toContain('keystead_language');
      expect(page.text).not.toContain('<script>');
    },
  );

  test('a forged cookie is as none', async () => {
    expect(spokenOn(await look(pay(), { cookie: 'keystead_language=%3Cscript%3E', language: 'de' }))).toBe('de');
  });

  test('the page’s own script keeps the language also where cookies are refused', async () => {
    const part = await look(`${pay()}?fragment=1&lang=de`);
    expect(part.text).toContain('data-testid="pay"');
    expect(part.text).toContain('Programm');
  });

  test('is spoken on the page about an address that cannot be read, and its links lead nowhere else', async () => {
    for (const path of ['/pay/%ff', '/pay/%ff?lang=en']) {
      const page = await look(path, { language: 'de' });
      expect([page.status, spokenOn(page)]).toEqual([400, 'de']);
    }
    const page = await laundry.call('GET', `${laundry.url}//evil.example/x`);
    expect(page.text).not.toContain('href="//');
  });

  test('chosen before paying is that of the mails', async () => {
    const cookie = cookiesOf(await look(`${pay()}?lang=de`));
    const answer = await laundry.call('POST', pay(), {
      raw: new URLSearchParams({ planId: laundry.washer.plans.now, email: 'chooser@example.com' }).toString(),
      cookie,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
    });
    const checkout = laundry.stripe.checkouts().find(({ url }) => url === answer.headers.get('location'));
    await laundry.stripe.pay(checkout?.id ?? '');
    const [receipt] = await untilMails(laundry, 'chooser@example.com', 1);
    expect(receipt?.subject).toMatch(/^Beleg: /);
    const path = new URL(checkout?.successUrl ?? '').pathname;
    await untilState(laundry, path.split('/')[2] ?? '', 'running');
    await laundry.ahead(61_000);
    const [, done] = await untilMails(laundry, 'chooser@example.com', 2);
    expect(done?.subject).toBe('Washer 1 ist fertig');
  });

  test('switched on the session’s page is that of the mails that follow', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now, { body: { email: 'switcher@example.com' } });
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'running');
    const [receipt] = await untilMails(laundry, 'switcher@example.com', 1);
    expect(receipt?.subject).toMatch(/^Receipt: /);
    expect(spokenOn(await look(`/session/${begun.token}?lang=de`))).toBe('de');
    await laundry.ahead(61_000);
    const [, done] = await untilMails(laundry, 'switcher@example.com', 2);
    expect(done?.subject).toBe('Washer 1 ist fertig');
  });
});

describe('the box "mail me when it is done"', () => {
  const post = (form: Record<string, string>) =>
    laundry.call('POST', pay(), {
      raw: new URLSearchParams({ planId: laundry.washer.plans.now, email: 'me@nowhere', ...form }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const box = /<input type="checkbox" name="mailWhenDone" value="1" (checked)?>/;

  test('is ticked at first, and stays as it was when the form comes back', async () => {
    expect(box.exec((await look(pay())).text)?.[1]).toBe('checked');
    expect(box.exec((await post({ askedWhenDone: '1' })).text)?.[1]).toBeUndefined();
    expect(box.exec((await post({ askedWhenDone: '1', mailWhenDone: '1' })).text)?.[1]).toBe('checked');
  });
});
