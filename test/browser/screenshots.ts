/**
 * `npm run screenshots`: a picture of every page in every state, as a phone and a desk show it, light and dark, in
 * ./screenshots. `-- --readme` remakes the README's picture in docs/images instead.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { loadAssets } from '../../src/pages/assets.ts';
import type { PageContext } from '../../src/pages/page-context.ts';
import { launchChromium } from './chromium.ts';
import { openPlace, type Place } from './place.ts';
import { drawReadmePicture } from './readme-picture.ts';
import { scenes } from './scenes.ts';
import { desk, phone, visit } from './visitor.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sharp = { deviceScaleFactor: 2 };
const looks: Record<string, BrowserContextOptions> = {
  'phone-light': { ...phone, ...sharp, colorScheme: 'light' },
  'phone-dark': { ...phone, ...sharp, colorScheme: 'dark' },
  'desk-light': { ...desk, colorScheme: 'light' },
  'desk-dark': { ...desk, colorScheme: 'dark' },
};

const place = await openPlace();
const browser = await launchChromium();
try {
  if (process.argv.includes('--readme')) {
    await drawReadmePicture(browser, place, path.join(root, 'docs/images/keystead.png'));
  } else {
    for (const [look, options] of Object.entries(looks)) await picturesOf(browser, place, look, options);
  }
} finally {
  await browser.close();
  await place.close();
}

async function picturesOf(chromium: Browser, at: Place, look: string, options: BrowserContextOptions): Promise<void> {
  const folder = path.join(root, 'screenshots', look);
  mkdirSync(folder, { recursive: true });
  const { page, context, close } = await visit(chromium, options);
  const size = options.viewport ?? { width: 390, height: 844 };
  const save = async (name: string): Promise<void> => {
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
  await page.goto(at.simulators.building.url);
  await page.getByText('live', { exact: true }).waitFor();
  await save('building');
  await close();
}

async function contextOf(language: string): Promise<PageContext> {
  return {
    language,
    nonce: 'n',
    companyName: 'Bright Laundry',
    title: null,
    branding: { logo: null, color: '#0A84FF', headerText: null, footerText: 'Questions? laundry@keystead.example' },
    timeZone: 'Europe/Berlin',
    now: Date.UTC(2026, 5, 12, 12, 40),
    assets: await loadAssets(),
  };
}
