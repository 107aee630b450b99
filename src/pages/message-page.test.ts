import { describe, expect, it } from 'vitest';
import { answerOf, loadAssets } from './assets.ts';
import { consolePlaceholderPage, type MessageKind, messagePage } from './message-page.ts';
import type { PageContext } from './page-context.ts';

const ctx: PageContext = {
  language: 'en',
  nonce: 'n',
  companyName: 'Sparkle',
  title: 'Sparkle Laundry',
  branding: { logo: null, color: null, headerText: null, footerText: null },
  timeZone: 'UTC',
  now: 0,
  assets: { css: '/a.css', js: '/a.js', icon: '/i.svg' },
};

describe('pages with one message', () => {
  const kinds: [MessageKind, string][] = [
    ['not-found', 'Access point not found'],
    ['error', 'Something Went Wrong'],
    ['too-many', 'One Moment, Please'],
    ['unavailable', 'Back in a Moment'],
  ];
  it.each(kinds)('%s', (kind, title) => {
    const page = messagePage(kind, ctx);
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toContain(`<title>${title} · Sparkle Laundry</title>`);
    expect(page.includes('http-equiv="refresh"')).toBe(kind === 'unavailable');
  });

  it('lead on: again to the same page, but not to one that is not there', () => {
    const again = (kind: MessageKind): boolean =>
      messagePage(kind, { ...ctx, path: '/pay/u1' }).includes('href="/pay/u1">Try again</a>');
    expect(kinds.map(([kind]) => [kind, again(kind)])).toEqual([
      ['not-found', false],
      ['error', true],
      ['too-many', true],
      ['unavailable', true],
    ]);
  });

  it('the console points to the API until it exists', () => {
    expect(consolePlaceholderPage(ctx)).toContain('href="/api/docs"');
  });
});

describe('assets', () => {
  it('are small, named by their content and kept for good', async () => {
    const { css, js, icon, files } = await loadAssets();
    expect(css).toMatch(/^\/assets\/guest\.[\w-]{12}\.css$/);
    expect(files.map(({ path }) => path)).toEqual([css, js, icon]);
    const sent = files.map((file) => answerOf(file, 'gzip, br'));
    expect(sent.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(7000);
    expect(sent[0]?.headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const [first] = files;
    expect(first && answerOf(first, undefined).body).toBe(first?.content);
    expect(first && answerOf(first, 'gzip;q=1.0').body).toBe(first?.gzip);
  });
});
