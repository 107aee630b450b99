import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Simulators, startSimulators } from '../../simulators/start.ts';
import { launchChromium } from './chromium.ts';
import { desk, phone, type Visitor, visit } from './visitor.ts';

let browser: Browser;
let simulators: Simulators;
const visitors: Visitor[] = [];
beforeAll(async () => {
  browser = await launchChromium();
  simulators = await startSimulators({
    dir: null,
    devices: [],
    gateways: [{ name: 'Hall' }],
    locks: [{ name: 'Front', gateway: 'Hall', autoLockSeconds: 0 }],
  });
});
afterAll(async () => {
  for (const visitor of visitors) expect(visitor.troubles()).toEqual([]);
  await browser.close();
  await simulators.close();
});

async function atTheDoor(options: Parameters<typeof visit>[1]) {
  const { ttlock, building } = simulators;
  const visitor = await visit(browser, options);
  visitors.push(visitor);
  await visitor.page.goto(building.url);
  const door = (state: 'locked' | 'open') =>
    visitor.page.getByRole('img', { name: `The door Front is ${state}` }).waitFor();
  await door('locked');
  return { ...visitor, ttlock, lockId: ttlock.idOf('Front'), door };
}

test('a code is tapped in at the keypad of a lock, and its door is drawn open until somebody turns the knob', async () => {
  const { page, sees, ttlock, lockId, door } = await atTheDoor(phone);
  ttlock.setCodeAtLock(lockId, '918273');
  expect(await page.getByText('918273').filter({ visible: true }).count()).toBe(0);
  for (const digit of '9182'.split('')) await page.getByRole('button', { name: `Front: ${digit}`, exact: true }).tap();
  await page.getByRole('button', { name: 'Front: enter the digits' }).tap();
  await sees('Refused: it does not know this code.');
  for (const digit of '918273'.split(''))
    await page.getByRole('button', { name: `Front: ${digit}`, exact: true }).tap();
  await page.getByRole('button', { name: 'Front: enter the digits' }).tap();
  await sees('It opens.');
  await door('open');
  await page.getByText('What is on this lock').tap();
  await sees('918273 · permanent · written at the keypad');
  await page.getByRole('button', { name: 'Front: turn the knob inside' }).tap();
  await door('locked');
});

test('by the keyboard alone, digits are typed and a QR code is shown; a jam and a gateway without power are a key away', async () => {
  const { page, sees, ttlock, lockId, door } = await atTheDoor({ ...desk, colorScheme: 'dark' });
  ttlock.setCodeAtLock(lockId, '485236');
  await page.getByLabel('Digits at Front').focus();
  await page.keyboard.type('48x5236');
  await page.keyboard.press('Enter');
  await sees('It opens.');
  await door('open');
  ttlock.turnByHand(lockId);
  await door('locked');

  await page.getByLabel('What the QR code for Front says').focus();
  await page.keyboard.type('https://example.com');
  await page.keyboard.press('Enter');
  await sees('Refused: this is no code of the platform.');

  const pressed = (name: string) => page.getByRole('button', { name, pressed: true }).waitFor();
  await page.getByRole('button', { name: 'Front: Jammed' }).focus();
  await page.keyboard.press('Space');
  await pressed('Front: Jammed');
  await sees('Its bolt does not move.');
  await page.getByRole('button', { name: 'Gateway Hall: unplugged' }).focus();
  await page.keyboard.press('Enter');
  await pressed('Gateway Hall: unplugged');
  expect(ttlock.lock(lockId).conditions).toEqual(['jammed']);
  expect(ttlock.gateways()).toMatchObject([{ online: false }]);
  await page.getByRole('button', { name: 'Front: low or new battery' }).click();
  await pressed('Front: low or new battery');
  expect(ttlock.lock(lockId).battery).toBe(8);
});
