import { expect, test } from 'vitest';
import { networkWords } from './network-words.ts';

const coded = (code: string, message = 'no', cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

test.each([
  ['a code of the system', coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9'), 'connection refused'],
  ['a code inside a library’s own', coded('ESOCKET', 'connect ECONNREFUSED 127.0.0.1:9'), 'connection refused'],
  ['a cause', new Error('fetch failed', { cause: coded('ENOTFOUND') }), 'no such host name'],
  ['a certificate', coded('CERT_HAS_EXPIRED'), 'its certificate has expired'],
  ['what is no HTTP', coded('HPE_INVALID_CONSTANT'), 'what it sent is no HTTP'],
  [
    'what is no HTTP, told without a code',
    Object.assign(new Error('no'), { name: 'HTTPParserError' }),
    'what it sent is no HTTP',
  ],
  ['nothing of the network', new Error('The broker sent a packet that is too large'), null],
  ['no error at all', 'ECONNREFUSED', null],
])('%s', (_what, error, expected) => {
  expect(networkWords(error)).toBe(expected);
});
