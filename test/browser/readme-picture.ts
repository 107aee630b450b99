/** The README's picture: a guest chooses, the machine runs, and the virtual building shows it. All of it really happens. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Place } from './place.ts';
import { phone, type Visitor, visit } from './visitor.ts';

/** In pixels of the picture; `sharpness` is how many of the screen's one of them has. */
const width = { whole: 1012, phone: 224, building: 452 };
const height = 540;
const sharpness = 1.5;

/** Drawn at the very size in which they stand in the picture, so that no letter is scaled. */
const handset: BrowserContextOptions = {
  ...phone,
  viewport: { width: 390, height: 800 },
  deviceScaleFactor: (sharpness * width.phone) / 390,
  timezoneId: 'Europe/Berlin',
};
const window: BrowserContextOptions = {
  viewport: { width: 720, height: 768 },
  deviceScaleFactor: (sharpness * width.building) / 720,
  locale: 'en-GB',
  timezoneId: 'Europe/Berlin',
};

export async function drawReadmePicture(browser: Browser, place: Place, file: string): Promise<void> {
  const { shelly, building } = place.simulators;
  shelly.setFault('Dryer', 'dead-relay');
  const unlucky = await begin(browser, place, 'Dryer', 'Dry');
  await pay(unlucky, 'Pay €2.00');
  await unlucky.seesTitle('Load the Machine Now');
  await place.ahead(2 * 60_000);
  await unlucky.seesTitle('Starting');
  await place.ahead(21_000);
  await unlucky.seesTitle('Session Could Not Start');
  await unlucky.sees('has been returned to your card');
  await unlucky.close();

  const guest = await begin(browser, place, 'Washer 1', 'Standard wash');
  const choosing = await guest.page.screenshot();
  await pay(guest, 'Pay €2.50');
  await guest.seesTitle('Load the Machine Now');
  await place.ahead(5 * 60_000);
  await guest.seesTitle('Running');
  await place.ahead(22 * 60_000 + 14_000);
  await guest.page.reload();
  await guest.seesTitle('Running');
  const running = await guest.page.screenshot();

  const watcher = await visit(browser, window);
  await watcher.page.goto(building.url);
  await watcher.page.getByRole('img', { name: 'Washer 1 is on' }).waitFor();
  const watched = await watcher.page.screenshot();
  for (const one of [guest, watcher]) await one.close();

  mkdirSync(path.dirname(file), { recursive: true });
  const table = await browser.newPage({ viewport: { width: width.whole, height }, deviceScaleFactor: sharpness });
  await table.setContent(composed([choosing, running], watched));
  await table.screenshot({ path: file });
  await table.close();
}

async function begin(browser: Browser, place: Place, device: string, plan: string): Promise<Visitor> {
  const guest = await visit(browser, handset);
  await guest.page.goto(place.payUrl(device));
  await guest.sees('Ready to use');
  await guest.tap(plan);
  return guest;
}

async function pay(guest: Visitor, button: string): Promise<void> {
  await guest.tap(button);
  await guest.payByCard('4242 4242 4242 4242');
}

function composed(phones: Buffer[], building: Buffer): string {
  const image = (png: Buffer, wide: number) =>
    `<img src="data:image/png;base64,${png.toString('base64')}" width="${wide}">`;
  return `<!doctype html><style>
body{margin:0;height:${height}px;display:flex;gap:22px;align-items:center;justify-content:center;background:#e6ebf4}
div{border-radius:12px;overflow:hidden;border:1px solid #c3cbd9;background:#f3f5f4}
div.phone{border:7px solid #20242c;border-radius:30px}
img{display:block}</style>
${phones.map((png) => `<div class="phone">${image(png, width.phone)}</div>`).join('')}<div>${image(building, width.building)}</div>`;
}
