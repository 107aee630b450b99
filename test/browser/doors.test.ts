import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { minutes } from '../../src/rules/instant.ts';
import { type Entrance, looksAgain, openEntrance, shownCode } from './entrance.ts';
import { desk, phone } from './visitor.ts';

const good = '4242 4242 4242 4242';

let at: Entrance;
beforeAll(async () => {
  at = await openEntrance();
});
afterEach(() => at.clear());
afterAll(() => at.close());

type Event = { credential_kind: string; decision: string; reason: string; place_id: string };
const eventsAt = (doorId: string) =>
  at.place.rows<Event>('select * from access_events where place_id = $1 order by at desc, id desc', [doorId]);

test('a guest pays at a door, presses the code at its keypad, and the door opens; the lock’s book proves it', async () => {
  const guest = await at.guest(at.back);
  await guest.seesTitle('Back door');
  await guest.sees('Harbour Street', 'Opens after payment', 'Access for 1 h', 'your money comes back by itself');
  await guest.tap('Pay €2.00');
  await guest.sees('Simulated Stripe page', '€2.00');
  const { hardwareId } = at.place.back;
  const lying = at.place.ttlock.onLock(hardwareId);
  await guest.payByCard(good);
  await guest.seesTitle('Your Way In');
  await guest.sees('Good until', 'Your code', 'Type it on the keypad of the door');
  const code = await shownCode(guest);
  expect(code).toMatch(/^\d{4,9}$/);
  expect(JSON.stringify(lying)).not.toContain(code); // it was made for this guest, after the payment

  const hands = await at.hands(at.back);
  await hands.door('locked');
  const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
  await hands.press(wrong);
  await hands.sees('Refused: it does not know this code.');
  await hands.door('locked');
  await hands.press(code);
  await hands.sees('It opens.');
  await hands.door('open');
  expect(at.charges()).toMatchObject([{ amount: 200, amountRefunded: 0 }]);

  await at.place.ahead(minutes(6)); // its book is read every five minutes
  await at.place.until('the book was read', async () => (await eventsAt(at.back.id)).length === 2);
  const told = (await eventsAt(at.back.id)).map(({ decision, reason }) => `${decision}: ${reason}`);
  expect(new Set(told)).toEqual(new Set(['denied: refused-by-the-lock', 'granted: opened-at-the-lock']));
});

test('a lock with a camera is shown the guest’s phone: a screenshot of the page opens the door, and no other', async () => {
  const guest = await at.bought(at.front, { ...phone, deviceScaleFactor: 2 });
  await guest.sees('Your QR code', 'Hold it in front of the lock’s camera');
  const screen = await guest.page.screenshot();

  const hands = await at.hands(at.front);
  await hands.door('locked');
  await hands.showPicture(await hands.page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 80 } }));
  await hands.sees('There is no QR code in this picture.');
  await hands.showPicture(Buffer.from('not a picture'));
  await hands.sees('This is no picture.');
  await hands.door('locked');
  await hands.showPicture(screen);
  await hands.sees('It opens.');
  await hands.door('open');
  await hands.page.getByRole('button', { name: 'Front: turn the knob inside' }).click();
  await hands.door('locked');

  // dropped on the reader, and pasted into its field
  const reader = hands.page.getByRole('group', { name: 'QR reader of Front' });
  for (const way of ['drop', 'paste'] as const) {
    await reader.evaluate(
      (group, { bytes, kind }) => {
        const letters = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
        const carried = new DataTransfer();
        carried.items.add(new File([letters], 'phone.png', { type: 'image/png' }));
        const about = { bubbles: true, cancelable: true };
        if (kind === 'drop') group.dispatchEvent(new DragEvent('drop', { ...about, dataTransfer: carried }));
        else {
          const field = group.querySelector('input');
          field?.dispatchEvent(new ClipboardEvent('paste', { ...about, clipboardData: carried }));
        }
      },
      { bytes: screen.toString('base64'), kind: way },
    );
    await hands.door('open');
    await hands.page.getByRole('button', { name: 'Front: turn the knob inside' }).click();
    await hands.door('locked');
  }
  await at.place.ahead(minutes(61));
  await hands.showPicture(screen);
  await hands.sees('Refused:');
  await hands.door('locked');
});

test('the button opens the door, and what came of it is told once', async () => {
  const guest = await at.bought(at.front);
  const hands = await at.hands(at.front);
  await hands.door('locked');
  await guest.tap('Open the door now');
  await guest.page.locator('[data-testid=opened][data-outcome=confirmed]').waitFor();
  await guest.sees('The door is open.');
  await hands.door('open');
  const told = guest.page.locator('#announcement').filter({ hasText: 'The door is open.' });
  await told.waitFor({ state: 'attached' });
  expect(new URL(guest.page.url()).search).toBe('');
  await guest.page.reload();
  await guest.seesTitle('Your Way In');
  expect(await guest.page.getByTestId('opened').count()).toBe(0);
  const pressed = (await eventsAt(at.front.id)).filter(({ reason }) => reason === 'valid'); // the book tells its own
  expect(pressed).toMatchObject([{ credential_kind: 'pass', decision: 'granted' }]);
});

test('a button that is all there is says honestly that it failed, and the money of a gate that never opened comes back', async () => {
  const guest = await at.bought(at.gate);
  await guest.sees('If it never opens the door, your money comes back when your time is over.');
  at.place.ttlock.setGateway(at.place.gatewayId, { online: false });
  await guest.tap('Open the door now');
  await guest.sees('The door did not open. Please try again in a moment.');
  expect(at.place.ttlock.lock(at.place.ttlock.idOf('Gate')).locked).toBe(true);
  await at.place.ahead(minutes(61));
  await looksAgain(guest);
  await guest.seesTitle('We Could Not Let You In');
  await guest.sees('The door never opened with your button.', '€3.00');
  await at.place.until('the money is back', () => at.charges()[0]?.amountRefunded === 300);
});

test('who comes again to the door is led to the way in that they have, and buys no second one unawares', async () => {
  const guest = await at.bought(at.back);
  const code = await shownCode(guest);
  await guest.page.goto(`${at.place.url}/pay/${at.back.uid}`);
  await guest.seesTitle('You Have a Way In');
  expect(await guest.page.getByRole('button', { name: 'Pay €2.00' }).isVisible()).toBe(false);
  await guest.tap('Show my way in');
  await guest.seesTitle('Your Way In');
  expect(await shownCode(guest)).toBe(code);

  await guest.page.goBack();
  await guest.tap('Buy another one');
  await guest.tap('Pay €2.00');
  await guest.payByCard(good);
  await guest.seesTitle('Your Way In');
  expect(await shownCode(guest)).not.toBe(code);
  expect(at.charges().length).toBe(2);
});

test('when the time is over the page says so, the code opens nothing, and the next one is a tap away', async () => {
  const guest = await at.bought(at.back);
  const code = await shownCode(guest);
  await at.place.ahead(minutes(61));
  await looksAgain(guest);
  await guest.seesTitle('Your Time Is Over');
  expect(await guest.page.getByTestId('code').count()).toBe(0);
  expect(await guest.page.getByRole('button', { name: 'Open the door now' }).count()).toBe(0);
  await at.place.until('it is off the lock', () => {
    const { opened } = at.place.ttlock.press(at.place.back.hardwareId, code);
    return !opened;
  });
  await guest.tap('Buy again');
  await guest.seesTitle('Back door');
  await guest.sees('Opens after payment', 'Your last way in here');
});

test('in German, without a script and with letters twice as large, a guest gets in', async () => {
  const german = { ...phone, viewport: { width: 360, height: 740 }, locale: 'de-DE', javaScriptEnabled: false };
  const guest = await at.guest(at.back, german);
  await guest.sees('Öffnet nach der Zahlung', 'Zutritt für 1 h', 'kommt Ihr Geld von selbst zurück');
  await guest.page.locator('form .button').tap();
  await guest.payByCard(good);
  await guest.seesTitle('Ihr Zugang');
  await guest.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
  await guest.sees('Gültig bis', 'Ihr Code', 'Tippen Sie ihn auf dem Tastenfeld');
  const oneLine = await guest.page.getByTestId('code').evaluate((line) => {
    const { lineHeight } = getComputedStyle(line);
    return line.clientHeight < 1.5 * Number.parseFloat(lineHeight) && line.scrollWidth <= line.clientWidth;
  });
  expect(oneLine).toBe(true);
  await guest.tap('Tür jetzt öffnen');
  await guest.sees('Die Tür ist offen.');
  expect(at.place.ttlock.lock(at.place.back.hardwareId).locked).toBe(false);
});

test('the keyboard alone is enough to buy a way in and to open the door', async () => {
  const { page, ...guest } = await at.guest(at.back, desk);
  const tabTo = async (words: string): Promise<void> => {
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const one = document.activeElement;
        if (!(one instanceof HTMLElement)) return '';
        return getComputedStyle(one).outlineStyle === 'none' ? '' : one.innerText;
      });
      if (here.includes(words)) return;
    }
    throw new Error(`Tab never comes to ${words}`);
  };
  await tabTo('Pay €2.00');
  await page.keyboard.press('Enter');
  await guest.payByCard(good);
  await guest.seesTitle('Your Way In');
  await tabTo('Open the door now');
  await page.keyboard.press('Enter');
  await guest.sees('The door is open.');
});
