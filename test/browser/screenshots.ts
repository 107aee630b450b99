/**
 * `npm run screenshots`: a picture of every page in every state, as a phone and a desk show it, light and dark, and with
 * letters twice as large; and of the mails. In ./screenshots, or in the folder named by `-- --into=FOLDER`.
 * `-- --readme` remakes the README's picture in docs/images instead.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { loadAssets } from '../../src/pages/assets.ts';
import type { PageContext } from '../../src/pages/page-context.ts';
import { launchChromium } from './chromium.ts';
import { mailsOf } from './mail-pictures.ts';
import { openPlace, type Place } from './place.ts';
import { drawReadmePicture } from './readme-picture.ts';
import { scenes } from './scenes.ts';
import { desk, phone, visit } from './visitor.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sharp = { deviceScaleFactor: 2 };
const folderOf = process.argv.find((word) => word.startsWith('--into='))?.slice('--into='.length);
const target = path.resolve(root, folderOf ?? 'screenshots');
const largeLetters = 'phone-large-letters';
const looks: Record<string, BrowserContextOptions> = {
  'phone-light': { ...phone, ...sharp, colorScheme: 'light' },
  'phone-dark': { ...phone, ...sharp, colorScheme: 'dark' },
  [largeLetters]: { ...phone, viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  'desk-light': { ...desk, colorScheme: 'light' },
  'desk-dark': { ...desk, colorScheme: 'dark' },
};

const place = await openPlace();
const browser = await launchChromium();
try {
  if (process.argv.includes('--readme')) {
    await drawReadmePicture(browser, place, path.join(root, 'docs/images/keystead.png'));
  } else {
    const mails = await mailsOf(browser, place);
    for (const [look, options] of Object.entries(looks)) await picturesOf(browser, place, mails, look, options);
  }
} finally {
  await browser.close();
  await place.close();
}

async function picturesOf(
  chromium: Browser,
  at: Place,
  mails: { name: string; url: string }[],
  look: string,
  options: BrowserContextOptions,
): Promise<void> {
  const folder = path.join(target, look);
  mkdirSync(folder, { recursive: true });
  const { page, context, close, payByCard } = await visit(chromium, options);
  const size = options.viewport ?? { width: 390, height: 844 };
  const save = async (name: string): Promise<void> => {
    if (look === largeLetters)
      await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ ...size, height: Math.max(size.height, height) }); // what sticks lies where it belongs
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    await page.setViewportSize(size);
  };
  // what these pages ask about does not exist
  await context.route(/\/api\/public\/|fragment=1/, (route) => route.abort());
  for (const language of look === 'phone-light' ? ['en-GB', 'de-DE'] : ['en-GB']) {
    for (const { name, html } of scenes(await contextOf(language))) {
      await context.route(`${at.url}/scene/${name}`, (route) =>
        route.fulfill({ contentType: 'text/html', body: html }),
      );
      await page.goto(`${at.url}/scene/${name}`);
      await save(language === 'en-GB' ? name : `${name}.de`);
      await context.unroute(`${at.url}/scene/${name}`);
    }
  }
  for (const { name, url } of mails) {
    await page.goto(url);
    await save(name);
  }
  await page.goto(at.simulators.mail.url);
  await save('inbox');
  await page.getByRole('link').first().click();
  await page.locator('iframe').waitFor();
  await save('inbox-mail');
  await page.goto(`${at.url}/console`);
  await save('console');
  await page.goto(`${at.url}/api/docs`);
  await page.locator('.opblock-tag').first().waitFor();
  await save('api-docs');
  await at.ahead(4 * 60_000); // the look before this one holds the washer
  await page.goto(at.payUrl('Washer 1'));
  await page.getByText('Standard wash', { exact: true }).click();
  await page.getByRole('button').click();
  await page.locator('#pay').waitFor();
  await save('stripe');
  await payByCard('4000 0000 0000 0002');
  await page.getByRole('alert').waitFor();
  await save('stripe-declined');
  await at.ahead(4 * 60_000); // longer than it is kept: another guest has it now
  const other = await visit(chromium);
  await other.page.goto(at.payUrl('Washer 1'));
  await other.tap('Quick rinse');
  await other.tap('Pay €1.00');
  await other.sees('Simulated Stripe page');
  await other.close();
  const expired = page.getByText('This page has expired');
  for (let tries = 0; tries < 50 && !(await expired.isVisible()); tries++) {
    await at.clock.sleep(100);
    await page.reload();
  }
  await save('stripe-expired');
  await page.goto(at.simulators.building.url);
  await page.getByText('live', { exact: true }).waitFor();
  await save('building');
  await close();
}

async function contextOf(language: string): Promise<PageContext> {
  return {
    language,
    path: '/scene',
    nonce: 'n',
    companyName: 'Bright Laundry',
    title: null,
    branding: { logo: null, color: '#0A84FF', headerText: null, footerText: 'Questions? laundry@keystead.example' },
    timeZone: 'Europe/Berlin',
    now: Date.UTC(2026, 5, 12, 12, 40),
    assets: await loadAssets(),
  };
}
