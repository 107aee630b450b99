import { describe, expect, test } from 'vitest';
import { mailAddress, oneLine } from './address.ts';

describe('an e-mail address', () => {
  test.each([
    'guest@example.com',
    'a.b+c@mail.example.co.uk',
    "o'neil_1@x-y.example",
    'jörg@müller.example',
    ' me@x.de ',
  ])('%j is one', (text) => expect(mailAddress(text)).toBe(text.trim()));

  test.each([
    '',
    'me',
    'me@nowhere',
    '@x.de',
    'me@',
    'me@x..de',
    'me@-x.de',
    '.me@x.de',
    'me.@x.de',
    'a@b@c.de',
    'a@x.de,b@x.de',
    'a@x.de;b@x.de',
    'Me <me@x.de>',
    '<me@x.de>',
    '"me"@x.de',
    '"a b"@x.de',
    'a b@x.de',
    'me@x.de\r\nBcc: you@x.de',
    'me\n@x.de',
    'me@x.de\u0000',
    'me@[127.0.0.1]',
    `${'x'.repeat(65)}@x.de`,
    `me@${'x'.repeat(64)}.de`,
    `me@${'x.'.repeat(130)}de`,
    'me@x.de> SIZE=1',
  ])('%j is none', (text) => expect(mailAddress(text)).toBeNull());

  test('words for a header stand on one line', () => {
    expect(oneLine(' Laundry\r\nBcc: x\u0000\u2028y ')).toBe('Laundry Bcc: x y');
  });
});
