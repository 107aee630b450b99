import { describe, expect, it } from 'vitest';
import { attribute, html, styleElement } from './html.ts';

const hostile = `"><script>alert('x')</script>&`;

describe('html', () => {
  it('escapes strings and numbers in text and in quoted attributes', () => {
    expect(html`<p title="${hostile}" lang='${hostile}'>${hostile}${7}</p>`.toString()).toBe(
      `<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;" lang='&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;'>&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;7</p>`,
    );
  });

  it('leaves its own values and lists of them as they are, and renders nothing for null, undefined and false', () => {
    const items = ['<a>', 'b'].map((name) => html`<li>${name}</li>`);
    expect(html`<ul>${items}${null}${undefined}${false}${[null, html`<hr>`]}</ul>`.toString()).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li><hr></ul>',
    );
  });

  it('does not compile for anything else', () => {
    const object = { toString: () => '<b>' };
    // @ts-expect-error an object, even one that looks like Html
    expect(() => html`<p>${object}</p>`).toThrow();
    // @ts-expect-error true is nearly always a slip
    expect(() => html`<p>${true}</p>`).toThrow();
    // @ts-expect-error a list of strings: join them or wrap each
    expect(html`<p>${['<b>']}</p>`.toString()).toBe('<p>&lt;b&gt;</p>');
    // @ts-expect-error a date has no one way to be written
    expect(() => html`<p>${new Date(0)}</p>`).toThrow();
  });

  it('refuses values where escaping is not enough', () => {
    const value = 'x';
    expect(() => html`<script>${value}</script>`).toThrow(/<script>/);
    expect(() => html`<style>${value}</style>`).toThrow(/<style>/);
    expect(() => html`<p onclick="${value}"></p>`).toThrow(/onclick/);
    expect(() => html`<p style="color:${value}"></p>`).toThrow(/style/);
    expect(() => html`<iframe srcdoc="${value}"></iframe>`).toThrow(/srcdoc/);
    expect(() => html`<p class=${value}></p>`).toThrow(/unquoted/);
    expect(() => html`<p class=x></p>`).toThrow(/unquoted/);
    expect(() => html`<${value}>`).toThrow();
    expect(() => html`<p data-${value}="1"></p>`).toThrow(/name/);
    expect(() => html`<!-- ${value} -->`).toThrow(/comment/);
    expect(() => html`<p title="${html`<b></b>`}"></p>`).toThrow(/text only/);
    expect(() => html`<p ${value}></p>`).toThrow(/Attributes/);
    expect(() => html`<p`).toThrow(/ends inside/);
  });

  it('goes on reading correctly behind scripts, comments and doctypes', () => {
    expect(html`<!doctype html><!-- a > b --><script src="/x.js"></script><p>${'<'}</p>`.toString()).toContain(
      '<p>&lt;</p>',
    );
  });

  it('lets addresses lead to the web, to our paths, to mail and telephone, nowhere else', () => {
    const link = (to: string) => html`<a href="${to}">x</a>`.toString();
    for (const good of ['/pay/x', 'https://x.example/?a=1', 'mailto:a@b.example', 'tel:+431', '#top']) {
      expect(link(good)).toContain(`href="${good}"`);
    }
    for (const bad of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'data:text/html,x',
      '//evil.example',
      '/\\evil',
    ]) {
      expect(link(bad)).toBe('<a href="#">x</a>');
    }
  });

  it('sets attributes that may be missing', () => {
    expect(
      html`<input ${attribute('checked', true)} ${attribute('value', '"')} ${attribute('max', null)}>`.toString(),
    ).toBe('<input checked value="&quot;" >');
    expect(() => attribute('onclick', 'x')).toThrow();
    expect(() => attribute('href', 'x')).toThrow();
    expect(() => html`<p>${attribute('hidden', true)}</p>`).toThrow(/Attributes/);
  });

  it('lets no tag into a style element', () => {
    expect(() => styleElement('n', '</style><script>')).toThrow();
    expect(styleElement('n"', ':root{--a:1}').toString()).toBe('<style nonce="n&quot;">:root{--a:1}</style>');
  });
});
