import { expect, test } from 'vitest';
import { Problem } from '../errors.ts';
import { longestMessage, messageText, plainText } from './plain-text.ts';

test.each([
  ['  It leaks.  ', 'It leaks.'],
  ['It leaks.\r\nAll over.', 'It leaks.\nAll over.'],
  ['It\rleaks', 'It\nleaks'],
  ['one\u2028two\u2029three\u0085four', 'one\ntwo\nthree\nfour'],
  ['a\n\n\n\n\nb', 'a\n\nb'],
  ['a   \n  b', 'a\n  b'],
  ['a\tb', 'a b'],
  ['bell\u0007, escape\u001b[31m, delete\u007f', 'bell, escape[31m, delete'],
  ['gnp.\u202egpj\u202c', 'gnp.gpj'],
  ['👩‍🔧 kaputt – “ganz” ﷽', '👩‍🔧 kaputt – “ganz” ﷽'],
  ['<b>&amp;</b>', '<b>&amp;</b>'],
  ['\u0000\u0001 \n ', ''],
])('%j becomes %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test.each(['', '   ', '\n\u0007', 'x'.repeat(longestMessage + 1)])('%j is no message', (text) => {
  expect(() => messageText('text', text)).toThrow(Problem);
});

test('a line end counts as one character, however it was sent', () => {
  const text = Array(longestMessage / 2)
    .fill('x')
    .join('\r\n');
  expect(messageText('text', text).length).toBe(longestMessage - 1);
});
