/** Somebody with a browser: a guest with a phone, or a person at a desk. Sees, taps, and notes whatever the pages do wrong. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

export type Visitor = {
  page: Page;
  context: BrowserContext;
  /** Taps a button, link or choice by its words. */
  tap(name: string): Promise<void>;
  /** Waits until these words stand on the page. */
  sees(...texts: string[]): Promise<void>;
  /** Waits for the page's title line. */
  seesTitle(title: string): Promise<void>;
  /** Fills in the hosted payment page and pays. */
  payByCard(number: string): Promise<void>;
  /** Errors that a test brings about on purpose. */
  expectTrouble(...patterns: RegExp[]): void;
  /** What went wrong in the pages and was not expected. */
  troubles(): string[];
  close(): Promise<void>;
};

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  locale: 'en-GB',
  timezoneId: 'America/New_York', // a guest's own zone must not matter
};
export const desk: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };

export async function visit(browser: Browser, options: BrowserContextOptions = phone): Promise<Visitor> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(25_000);
  const seen: string[] = [];
  const expected: RegExp[] = [];
  await watch(context, seen);
  return {
    page,
    context,
    async tap(name) {
      const one = page
        .getByRole('button', { name, exact: true })
        .or(page.getByRole('link', { name, exact: true }))
        .or(page.getByText(name, { exact: true }).and(page.locator('label *, summary')));
      await (options.hasTouch === true ? one.tap() : one.click());
    },
    async sees(...texts) {
      for (const text of texts) await page.getByText(text).filter({ visible: true }).first().waitFor();
    },
    async seesTitle(title) {
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
    },
    async payByCard(number) {
      await page.locator('[name=cardNumber]').waitFor(); // our own page has a field for the e-mail too
      for (const [name, value] of [
        ['email', 'guest@example.com'],
        ['cardNumber', number],
        ['expiry', '12/40'],
        ['cvc', '123'],
      ] as const) {
        const field = page.locator(`[name=${name}]`);
        if (name === 'email' && !(await field.isEditable())) continue; // told on our page already
        await field.fill(value);
      }
      await page.locator('#pay').click();
    },
    expectTrouble: (...patterns) => void expected.push(...patterns),
    troubles: () => seen.filter((line) => !expected.some((pattern) => pattern.test(line))),
    async close() {
      for (const open of context.pages()) await notWiderThanTheScreen(open, seen);
      await context.close();
    },
  };
}

/** Errors in the console, exceptions, what the content policy stopped, and every request that leaves this machine. */
async function watch(context: BrowserContext, seen: string[]): Promise<void> {
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
      console.error(`Policy violated: ${violatedDirective} by ${blockedURI} in ${sourceFile}:${lineNumber}`);
    });
  });
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      seen.push(`${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', (failure) => seen.push(String(failure.error())));
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') seen.push(`Asked for ${request.url()}`);
  });
}

async function notWiderThanTheScreen(page: Page, seen: string[]): Promise<void> {
  const excess = await page
    .evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    .catch(() => 0); // on its way elsewhere
  if (excess > 0) seen.push(`${page.url()} scrolls sideways by ${excess} px`);
}
