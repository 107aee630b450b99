import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { inboxOf, untilMails } from '../support/inbox.ts';
import { ask } from '../support/requests.ts';
import { openStage, type Stage } from './stage.ts';
import { desk, phone } from './visitor.ts';

const good = '4242 4242 4242 4242';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ mail: true });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Somebody runs the washer for a minute, with an address. */
async function running(email: string) {
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Send me a receipt');
  await guest.page.locator('[name=email]').fill(email);
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Running');
  return guest;
}

test('a guest who asked for it is mailed when their run is done, and who did not is not', async () => {
  await running('told@example.com');
  await stage.laundry.ahead(61_000);
  const [, done] = await untilMails(stage.laundry, 'told@example.com', 2);
  expect(done?.subject).toBe('Washer 1 is done');
  const reader = await stage.visitor(desk);
  await reader.page.goto(stage.laundry.mail.url);
  await reader.page.getByRole('link', { name: 'Washer 1 is done' }).first().click();
  const mail = reader.page.frameLocator('iframe');
  await mail.getByRole('heading', { name: 'Session Complete' }).waitFor();
  await mail.getByText('It ran for its full 1 min. Thank you!').waitFor();
  const opened = reader.context.waitForEvent('page');
  await mail.getByRole('link', { name: 'Show my session' }).click();
  await (await opened).getByRole('heading', { name: 'Session Complete', exact: true }).waitFor();

  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Send me a receipt');
  await guest.page.locator('[name=email]').fill('quiet@example.com');
  await guest.tap('Mail me when it is done, too');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Running');
  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
  expect(inboxOf(stage.laundry, 'quiet@example.com').map(({ subject }) => subject)).toEqual([
    'Receipt: €1.00 for Washer 1',
  ]);
});

test('a guest without a script asks for a mail, is told when the machine is free, and wants no more', async () => {
  await running('first@example.com');
  const guest = await stage.guest({ ...phone, javaScriptEnabled: false });
  await guest.seesTitle('In Use');
  await guest.tap('Mail me when it is free');
  await guest.seesTitle('Mail Me When It Is Free');
  await guest.page.getByLabel('Your e-mail address').fill('waiting@example.com');
  await guest.tap('Mail me once');
  await guest.seesTitle('Noted');
  await guest.sees('We send you one mail when Washer 1 is free and it is your turn');

  await stage.laundry.ahead(61_000);
  await stage.laundry.ahead(5000);
  const [mail] = await untilMails(stage.laundry, 'waiting@example.com', 1);
  expect(mail?.subject).toBe('Washer 1 is free');
  const address = /https?:\/\/\S+\/pay\/\S+/g;
  const [machine, stop] = [...(mail?.text ?? '').matchAll(address)].map(([url]) => url);
  await guest.page.goto(machine ?? '');
  await guest.sees('Ready to use');
  await guest.page.goto(stop ?? '');
  await guest.tap('Stop these mails');
  await guest.seesTitle('Stopped');
});

test('with a script the page turns to the free machine by itself, and a wish is taken back', async () => {
  await running('somebody@example.com');
  const guest = await stage.guest();
  await guest.tap('Mail me when it is free');
  await guest.page.getByLabel('Your e-mail address').fill('me@example.com');
  await guest.tap('Mail me once');
  await guest.seesTitle('Noted');
  await guest.tap('Do not mail me');
  await guest.sees('Mail me when it is free');
  await guest.tap('Mail me when it is free');
  await stage.laundry.ahead(61_000);
  await guest.sees('Ready to use');
  expect(inboxOf(stage.laundry, 'me@example.com')).toEqual([]);
});

test.each([true, false])('a guest tells the owner that the machine did not start (script: %s)', async (script) => {
  stage.laundry.shelly.setFault('Washer 1', 'dead-relay');
  const guest = await stage.guest({ ...phone, javaScriptEnabled: script });
  await guest.tap('Quick rinse');
  await guest.tap(script ? 'Pay €1.00' : 'Continue to payment');
  await guest.payByCard(good);
  await guest.page.locator('[data-testid=session]').waitFor();
  await stage.laundry.until('it is given up', async () => {
    await stage.laundry.ahead(10_000);
    const { rows } = await stage.laundry.app.database.pool.query(
      "select from sessions where phase not in ('cancelled', 'completed')",
    );
    return rows.length === 0;
  });
  if (!script) await guest.page.reload();
  await guest.seesTitle('Session Could Not Start');
  await guest.tap('Something wrong? Tell the owner');
  await guest.seesTitle('Tell the Owner');
  expect(await guest.page.getByLabel('Your e-mail address, for an answer (optional)').inputValue()).toBe(
    'guest@example.com',
  );
  await guest.page.getByLabel('What went wrong?').fill(`<i>It hums</i> (${script})`);
  await guest.tap('Send');
  await guest.sees('Your message was passed on');
  const token = guest.page.url().split('/').at(-1);
  const { body } = await ask(stage.laundry, `GET /api/sessions/${token}`);
  expect(body.messages).toMatchObject([{ text: `<i>It hums</i> (${script})`, email: 'guest@example.com' }]);
});

test('what a guest is writing stays where it is when the news about their money comes', async () => {
  const { laundry } = stage;
  laundry.shelly.setFault('Washer 1', 'dead-relay');
  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.page.locator('[data-testid=session]').waitFor();
  laundry.stripe.setFault('down');
  await laundry.until('it is given up', async () => {
    await laundry.ahead(10_000);
    const { rows } = await laundry.app.database.pool.query(
      "select from sessions where phase not in ('cancelled', 'completed')",
    );
    return rows.length === 0;
  });
  await guest.sees('€1.00 is on its way back to your card.');
  await guest.tap('Something wrong? Tell the owner');
  await guest.page.getByLabel('What went wrong?').fill('It hums, and');
  const asked = guest.page.waitForResponse(/fragment=1/);
  laundry.stripe.setFault('none');
  await laundry.until('the money is back', async () => {
    await laundry.ahead(60_000);
    return stage.charges()[0]?.amountRefunded === 100;
  });
  await guest.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await (await asked).finished();
  await guest.page.getByLabel('What went wrong?').pressSequentially(' smells');
  expect(await guest.page.getByLabel('What went wrong?').inputValue()).toBe('It hums, and smells');
  await guest.tap('Send');
  await guest.sees('Your message was passed on', '€1.00 has been returned to your card.');
});
