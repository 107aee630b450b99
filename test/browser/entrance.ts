import type { BrowserContextOptions } from 'playwright-core';
import { expect } from 'vitest';
import type { ChargeView, CheckoutView } from '../../simulators/stripe/start.ts';
import { seconds } from '../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../support/lock-place.ts';
import { launchChromium } from './chromium.ts';
import { desk, phone, type Visitor, visit } from './visitor.ts';

/** Doors that strangers buy, with a browser before them and the virtual building beside: one for each file of tests. */
export type Entrance = {
  place: LockPlace;
  /** A door with a camera and a keypad, one with a keypad, and one that has neither. */
  front: Sold;
  back: Sold;
  gate: Sold;
  /** A guest who has scanned the code on a door. */
  guest(door: Sold, options?: BrowserContextOptions): Promise<Visitor>;
  /** And has paid for a way in, which is there. */
  bought(door: Sold, options?: BrowserContextOptions): Promise<Visitor>;
  /** Somebody who stands at a lock of the virtual building, and has hands. */
  hands(door: Sold): Promise<Hands>;
  checkouts(): CheckoutView[];
  charges(): ChargeView[];
  /** The vendor answers nothing but errors, or as usual again; what was heard of it before is old. */
  vendor(works: boolean): Promise<void>;
  /** The pages did nothing wrong; then everybody leaves, and all works again. */
  clear(): Promise<void>;
  close(): Promise<void>;
};
export type Sold = { lock: string; id: string; uid: string; price: string };
export type Hands = Visitor & {
  press(digits: string): Promise<void>;
  showPicture(picture: Buffer): Promise<void>;
  door(state: 'locked' | 'open'): Promise<void>;
};

const good = '4242 4242 4242 4242';

export async function openEntrance(): Promise<Entrance> {
  const gateLock = { name: 'Gate', gateway: 'Hall', camera: false, keypad: false };
  const opening = openLockPlace({ engine: true, mail: true, locks: [gateLock] });
  const [place, browser] = await Promise.all([opening, launchChromium()]);
  const sold = async (lock: string, name: string, price: number, shown: string): Promise<Sold> => {
    const found = await place.sell(lock, { name, price, duration: 60 });
    return { lock, ...found, price: shown };
  };
  const front = { lock: 'Front', ...(await doorOf(place, place.front.doorId)), price: '€1.00' };
  const back = await sold('Back', 'Back door', 200, '€2.00');
  const gate = await sold('Gate', 'Garden gate', 300, '€3.00');
  for (const { hardwareId } of [place.front, place.back]) place.ttlock.setAutoLock(hardwareId, 0);
  place.ttlock.setAutoLock(place.ttlock.idOf('Gate'), 0);
  const { stripe, ttlock } = place;
  let visitors: Visitor[] = [];
  let before = { checkouts: stripe.checkouts().length, charges: stripe.charges().length };

  async function visitor(options: BrowserContextOptions): Promise<Visitor> {
    const one = await visit(browser, options);
    visitors.push(one);
    return one;
  }

  const guest: Entrance['guest'] = async (door, options = phone) => {
    const one = await visitor(options);
    await one.page.goto(`${place.url}/pay/${door.uid}`);
    return one;
  };

  return {
    place,
    front,
    back,
    gate,
    guest,
    async bought(door, options = phone) {
      const one = await guest(door, options);
      await one.page.locator('form .button').tap();
      await one.payByCard(good);
      await one.page.locator('[data-testid=access][data-state=ready]').waitFor();
      return one;
    },
    async hands({ lock }) {
      const one = await visitor(desk);
      const { page } = one;
      await page.goto(place.building.url);
      const key = (name: string) => page.getByRole('button', { name: `${lock}: ${name}`, exact: true });
      const { lockId } = ttlock.lock(ttlock.idOf(lock));
      return {
        ...one,
        async press(digits) {
          await page.getByTestId(`outcome-${lockId}`).evaluate((line) => line.replaceChildren());
          for (const digit of digits) await key(digit).click();
          await key('enter the digits').click();
        },
        async showPicture(picture) {
          await page.getByTestId(`outcome-${lockId}`).evaluate((line) => line.replaceChildren());
          const asked = page.waitForEvent('filechooser');
          await page.getByRole('button', { name: `Show a picture of the QR code to ${lock}` }).click();
          await (await asked).setFiles({ name: 'phone.png', mimeType: 'image/png', buffer: picture });
        },
        door: (state) => page.getByRole('img', { name: `The door ${lock} is ${state}` }).waitFor(),
      };
    },
    checkouts: () => stripe.checkouts().slice(before.checkouts),
    charges: () => stripe.charges().slice(before.charges),
    async vendor(works) {
      ttlock.trouble(works ? null : { kind: 'broken', where: 'everything' });
      await place.ahead(seconds(21)); // so long is believed what was heard
    },
    async clear() {
      const leaving = visitors;
      visitors = [];
      for (const one of leaving) await one.close();
      ttlock.trouble(null);
      ttlock.setGateway(place.gatewayId, { online: true });
      for (const { lockId, locked } of ttlock.locks()) if (!locked) ttlock.turnByHand(lockId);
      await place.ahead(3 * 60 * 60_000); // all that was bought is over, and breakers are closed
      before = { checkouts: stripe.checkouts().length, charges: stripe.charges().length };
      expect(leaving.flatMap((one) => one.troubles())).toEqual([]);
    },
    async close() {
      await browser.close();
      await place.close();
    },
  };
}

async function doorOf(place: LockPlace, id: string): Promise<{ id: string; uid: string }> {
  const { uid } = (await place.get(`/api/doors/${id}`)).body;
  return { id, uid: String(uid) };
}

/** The digits that a guest's page shows. */
export const shownCode = ({ page }: Visitor): Promise<string> => page.getByTestId('code').innerText();

/** The guest looks at the page again, after the phone was in the pocket. */
export const looksAgain = ({ page }: Visitor): Promise<void> =>
  page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
