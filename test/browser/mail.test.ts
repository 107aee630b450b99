import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { untilMails } from '../support/inbox.ts';
import { openStage, type Stage } from './stage.ts';
import { desk, phone } from './visitor.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ mail: true });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

test('a guest switches the language without a script, pays, and the mails come in it', async () => {
  const guest = await stage.guest({ ...phone, javaScriptEnabled: false });
  await guest.sees('Ready to use');
  await guest.tap('Deutsch');
  await guest.sees('Bereit', 'Programm wählen');
  await guest.tap('Quick rinse');
  await guest.tap('Beleg per E-Mail');
  await guest.page.locator('[name=email]').fill('gast@example.com');
  expect(await guest.page.getByLabel('Auch schreiben, wenn die Maschine fertig ist').isChecked()).toBe(true);
  await guest.tap('Weiter zur Zahlung');
  await guest.payByCard('4242 4242 4242 4242');
  await guest.sees('Läuft');
  const [receipt] = await untilMails(stage.laundry, 'gast@example.com', 1);
  expect(receipt?.subject).toMatch(/^Beleg: 1,00/);
});

test('the inbox shows a mail, and its button leads to the session’s page', async () => {
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Send me a receipt');
  await guest.page.locator('[name=email]').fill('reader@example.com');
  await guest.tap('Pay €1.00');
  await guest.payByCard('4242 4242 4242 4242');
  await guest.seesTitle('Running');
  await untilMails(stage.laundry, 'reader@example.com', 1);

  const reader = await stage.visitor(desk);
  await reader.page.goto(stage.laundry.mail.url);
  await reader.page.getByRole('link', { name: 'Receipt: €1.00 for Washer 1' }).first().click();
  const mail = reader.page.frameLocator('iframe');
  await mail.getByText('Thank you. Your payment has arrived.').waitFor();
  const opened = reader.context.waitForEvent('page');
  await mail.getByRole('link', { name: 'Show my session' }).click();
  const page = await opened;
  await page.getByRole('heading', { name: 'Running', exact: true }).waitFor();
});
