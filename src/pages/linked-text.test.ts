import { describe, expect, it } from 'vitest';
import { linkedText } from './linked-text.ts';

const of = (text: string): string => linkedText(text).toString();

describe('a line of the owner', () => {
  it('lets a guest tap a mail address, a telephone number and a web address', () => {
    expect(of('Questions? help@x.example')).toBe('Questions? <a href="mailto:help@x.example">help@x.example</a>');
    expect(of('Call +43 1 555 01, any time')).toBe('Call <a href="tel:+43155501">+43 1 555 01</a>, any time');
    expect(of('See https://x.example/a?b=1.')).toBe(
      'See <a href="https://x.example/a?b=1">https://x.example/a?b=1</a>.',
    );
  });

  it('leaves other text as it is, line breaks and numbers of other kinds included', () => {
    expect(of('VAT AT U12345678\nRoom 4, 1010 Vienna')).toBe('VAT AT U12345678\nRoom 4, 1010 Vienna');
    expect(of('<b>@</b> javascript:alert(1)')).toBe('&lt;b&gt;@&lt;/b&gt; javascript:alert(1)');
  });
});
