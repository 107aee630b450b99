/** Mails to look at: each comes of what really happens to guests of the demo building, and lies in the simulated inbox. */
import type { Browser } from 'playwright-core';
import type { Place } from './place.ts';
import { phone, type Visitor, visit } from './visitor.ts';

const names: [name: string, subject: RegExp][] = [
  ['mail-receipt', /^Receipt: €1\.00/],
  ['mail-done', /^Washer 1 is done/],
  ['mail-free', /^Washer 1 is free/],
  ['mail-refund', /comes back to you: Dryer did not start/],
  ['mail-receipt.de', /^Beleg: /],
  ['mail-refund.de', /kommen zurück/],
  ['mail-notice', /./],
];
const staff = 'staff@keystead.example';

/** By name, where to look at them: each as it opens in a mail program. */
export async function mailsOf(browser: Browser, place: Place): Promise<{ name: string; url: string }[]> {
  const { shelly, mail } = place.simulators;
  await place.tellStaff(staff);
  const washing = await begin(browser, place, 'Washer 1', 'Quick rinse', 'guest@example.com');
  await washing.seesTitle('Running');
  const waiting = await visit(browser, phone);
  await waiting.page.goto(place.payUrl('Washer 1'));
  await waiting.tap('Mail me when it is free');
  await waiting.page.getByLabel('Your e-mail address').fill('waiting@example.com');
  await waiting.tap('Mail me once');
  await waiting.seesTitle('Noted');
  await place.ahead(61_000);
  await washing.seesTitle('Session Complete');
  await washing.close();
  await waiting.close();

  shelly.setFault('Dryer', 'dead-relay');
  for (const [language, address] of [
    ['en-GB', 'unlucky@example.com'],
    ['de-DE', 'pech@example.com'],
  ] as const) {
    const unlucky = await begin(browser, place, 'Dryer', 'Dry', address, language);
    await unlucky.page.locator('[data-state=waiting-to-start]').waitFor();
    await place.ahead(2 * 60_000);
    await unlucky.page.locator('[data-state=starting]').waitFor();
    await place.ahead(21_000);
    await unlucky.page.locator('[data-state=failed-to-start]').waitFor();
    if (language === 'en-GB') {
      await unlucky.tap('Something wrong? Tell the owner');
      await unlucky.page.getByLabel('What went wrong?').fill('The drum turned once and then the light went out.');
      await unlucky.tap('Send');
      await unlucky.sees('Your message was passed on');
    }
    await unlucky.close();
  }
  shelly.setFault('Dryer', 'none');

  const found = () =>
    names.map(([name, subject]) => {
      const one = mail
        .mails()
        .find((each) => subject.test(each.subject) && each.to.includes(staff) === (name === 'mail-notice'));
      return one === undefined ? null : { name, url: `${mail.url}/mail/${one.id}/html` };
    });
  for (let tries = 0; tries < 100 && found().includes(null); tries++) await place.ahead(3_000);
  return found().filter((one) => one !== null);
}

async function begin(
  browser: Browser,
  place: Place,
  device: string,
  plan: string,
  email: string,
  locale = 'en-GB',
): Promise<Visitor> {
  const guest = await visit(browser, { ...phone, locale });
  await guest.page.goto(place.payUrl(device));
  await guest.tap(plan);
  await guest.page.locator('.receipt summary').tap();
  await guest.page.locator('[name=email]').fill(email);
  await guest.page.locator('form .button').tap();
  await guest.payByCard('4242 4242 4242 4242');
  return guest;
}
