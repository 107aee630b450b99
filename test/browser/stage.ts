import type { Browser, BrowserContextOptions } from 'playwright-core';
import { expect } from 'vitest';
import type { ChargeView, CheckoutView } from '../../simulators/stripe/start.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { launchChromium } from './chromium.ts';
import { phone, type Visitor, visit } from './visitor.ts';

/** A laundry with a browser before it: one for each file of tests. */
export type Stage = {
  laundry: Laundry;
  browser: Browser;
  /** Somebody new, with a browser of their own. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
  /** A guest who has scanned the code on the washer. */
  guest(options?: BrowserContextOptions): Promise<Visitor>;
  washerUrl: string;
  /** The washer's contact, and the timer it carries. */
  relay(): { output: boolean; timerDuration: number | null };
  /** Waits until the contact is so. */
  relayIs(on: boolean): Promise<void>;
  /** What was opened and paid at Stripe in this test. */
  checkouts(): CheckoutView[];
  charges(): ChargeView[];
  /** The pages did nothing wrong; then everybody leaves, and the washer is free and whole again. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

const name = 'Washer 1';

/** `at`: what time it is there at first. */
export async function openStage(o: { at?: number; mail?: boolean } = {}): Promise<Stage> {
  const [laundry, browser] = await Promise.all([openLaundry(o), launchChromium()]);
  const { stripe, shelly } = laundry;
  let visitors: Visitor[] = [];
  let before = { checkouts: 0, charges: 0 };
  const washerUrl = `${laundry.url}/pay/${laundry.washer.uid}`;

  const visitor: Stage['visitor'] = async (options) => {
    const one = await visit(browser, options ?? phone);
    visitors.push(one);
    return one;
  };
  const relay: Stage['relay'] = () => {
    const [channel] = shelly.device(name).channels;
    if (channel === undefined) throw new Error(`${name} has no relay`);
    return channel;
  };

  async function reset(): Promise<void> {
    stripe.setFault('none');
    stripe.holdWebhooks(false);
    shelly.setFault(name, 'none');
    await laundry.call('POST', `/api/devices/${laundry.washer.id}/force-off`, { token: laundry.tokens.admin });
    await laundry.ahead(4 * 60_000); // longer than any hold
    before = { checkouts: stripe.checkouts().length, charges: stripe.charges().length };
  }

  return {
    laundry,
    browser,
    washerUrl,
    visitor,
    relay,
    async guest(options) {
      const one = await visitor(options);
      await one.page.goto(washerUrl);
      return one;
    },
    async relayIs(on) {
      await laundry.until(`the relay is ${on ? 'on' : 'off'}`, () => relay().output === on);
    },
    checkouts: () => stripe.checkouts().slice(before.checkouts),
    charges: () => stripe.charges().slice(before.charges),
    async clear() {
      const leaving = visitors;
      visitors = [];
      for (const one of leaving) await one.close();
      await reset();
      expect(leaving.flatMap((one) => one.troubles())).toEqual([]);
    },
    async close() {
      await browser.close();
      await laundry.close();
    },
  };
}
