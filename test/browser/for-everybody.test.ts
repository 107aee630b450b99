/** Without a mouse, with large letters, by ear, without moving pictures. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import { desk, phone, type Visitor } from './visitor.ts';

const good = '4242 4242 4242 4242';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ mail: true });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Presses Tab until these words have the focus; each stop on the way has a ring that is seen. */
async function tabTo({ page }: Visitor, words: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const one = document.activeElement;
      if (!(one instanceof HTMLElement) || one === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      const label = one instanceof HTMLInputElement ? one.labels?.[0]?.innerText : one.innerText;
      return { words: label ?? '', ring: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 };
    });
    if (here === null) continue; // the browser's own
    expect(here.ring, here.words).toBe(true);
    if (here.words.includes(words)) return;
  }
  throw new Error(`Tab never comes to ${words}`);
}

const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');

test('the keyboard alone is enough to choose and to pay', async () => {
  const guest = await stage.guest(desk);
  await guest.sees('Ready to use');
  await tabTo(guest, 'Deutsch');
  await tabTo(guest, 'Quick rinse');
  await guest.page.keyboard.press('ArrowDown'); // and back
  await guest.page.keyboard.press('ArrowUp');
  await guest.page.getByRole('button', { name: 'Pay €1.00' }).waitFor();
  await tabTo(guest, 'Send me a receipt');
  await guest.page.keyboard.press('Enter');
  await tabTo(guest, 'E-mail for the receipt');
  await guest.page.keyboard.type('keys@example.com');
  await tabTo(guest, 'Mail me when it is done, too');
  await tabTo(guest, 'Pay');
  await guest.page.keyboard.press('Enter');
  await guest.payByCard(good);
  await guest.seesTitle('Running');
  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
});

test('what has the focus keeps it while the page renews itself', async () => {
  const first = await stage.guest();
  await first.tap('Quick rinse');
  await first.tap('Pay €1.00');
  await first.payByCard(good);
  await first.seesTitle('Running');

  const second = await stage.guest(desk);
  await second.seesTitle('In Use');
  await tabTo(second, 'Mail me when it is free');
  await second.page.evaluate(() => Object.assign(document.querySelector('main') ?? {}, { old: true }));
  await second.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await second.page.waitForFunction(() => !('old' in (document.querySelector('main') ?? {})));
  expect(await focused(second.page)).toBe('Mail me when it is free');
  await stage.laundry.ahead(61_000);
  await first.seesTitle('Session Complete');
});

test('who listens hears what is to be chosen, and is told when the machine starts and ends', async () => {
  const guest = await stage.guest();
  const heard = await guest.page.locator('main').ariaSnapshot();
  expect(heard).toContain('heading "Washer 1" [level=1]');
  expect(heard).toContain('group "Choose a program"');
  expect(heard).toMatch(/radio "Quick rinse.*1 min.*€1\.00.*Starts right after payment/);
  expect(heard).toContain('button "Continue to payment"');
  await guest.tap('Quick rinse, load first');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  const told = guest.page.locator('#announcement[aria-live=polite]');
  await stage.laundry.ahead(60_000);
  await told.filter({ hasText: /^Running\. Finishes at / }).waitFor({ state: 'attached' });
  await stage.laundry.ahead(61_000);
  await told
    .filter({ hasText: /^Session Complete\. It ran for its full 1 min\. Thank you!/ })
    .waitFor({ state: 'attached' });
});

/** What is too small for a thumb: less than 44 px high. A box to tick counts with its label, and text links as drawn. */
const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a, button, summary, label:has(input), .field')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
      .map((one) => `${one.innerText} ${one.getBoundingClientRect().height}`),
  );

/** What is cut off, or breaks out of the box that it stands in. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll<HTMLElement>('.plan, .notice, .facts div, .ring, .button')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => `${one.tagName} ${one.className} ${one.scrollWidth} > ${one.clientWidth}`),
  );

test('with letters twice as large nothing is cut off, and everything is large enough for a thumb', async () => {
  const guest = await stage.guest({ ...phone, viewport: { width: 360, height: 740 } });
  const fits = async (): Promise<void> => {
    expect(await tooSmall(guest.page)).toEqual([]);
    await guest.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    expect(await cutOff(guest.page)).toEqual([]);
    expect(await tooSmall(guest.page)).toEqual([]);
    await guest.page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
  };
  await guest.tap('Send me a receipt');
  await fits();
  await guest.tap('Standard wash');
  await guest.tap('Pay €2.50');
  await guest.tap('← Back');
  await guest.sees('Kept for You');
  await fits();
  await guest.tap('Continue paying €2.50');
  await guest.payByCard(good);
  await guest.seesTitle('Load the Machine Now');
  await fits();
  await stage.laundry.ahead(5 * 60_000);
  await guest.seesTitle('Running');
  await guest.sees('Need more time?');
  await fits();
  const other = await stage.guest();
  await other.seesTitle('In Use');
  expect(await tooSmall(other.page)).toEqual([]);
  await other.tap('Mail me when it is free');
  await other.seesTitle('Mail Me When It Is Free');
  expect(await tooSmall(other.page)).toEqual([]);
  await stage.laundry.ahead(61 * 60_000);
  await guest.seesTitle('Session Complete');
  await fits();
});

test('for who wants no motion nothing moves but what tells that work goes on, and that slowly', async () => {
  const guest = await stage.guest({ ...phone, reducedMotion: 'reduce' });
  stage.laundry.shelly.setFault('Washer 1', 'slow');
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard(good);
  const moving = () =>
    guest.page.evaluate(() =>
      document.getAnimations().map((one) => Number(one.effect?.getComputedTiming().duration ?? 0)),
    );
  await guest.page.locator('[data-testid=session]').waitFor();
  expect((await moving()).every((duration) => duration >= 10_000)).toBe(true);
  stage.laundry.shelly.setFault('Washer 1', 'none');
  await guest.seesTitle('Running');
  await stage.laundry.ahead(61_000);
  await guest.seesTitle('Session Complete');
  expect(await moving()).toEqual([]);
});
