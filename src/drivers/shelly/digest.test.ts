import { describe, expect, test } from 'vitest';
import { answerChallenge, parseChallenge } from './digest.ts';

describe('the digest challenge of a device', () => {
  test('is read as Shelly writes it', () => {
    const header = 'Digest qop="auth", realm="shellyplus1-08b61fcb1234", nonce="60dc2a1f", algorithm=SHA-256';
    expect(parseChallenge(header)).toEqual({ realm: 'shellyplus1-08b61fcb1234', nonce: '60dc2a1f' });
  });

  test('is found behind another kind of sign-in', () => {
    const header = 'Basic realm="x", Digest realm="a", qop="auth-int, auth", nonce="n", algorithm="sha-256"';
    expect(parseChallenge(header)).toEqual({ realm: 'a', nonce: 'n' });
  });

  test.each([
    undefined,
    '',
    'Basic realm="x"',
    'Digest realm="a", nonce="n", qop="auth"', // MD5
    'Digest realm="a", nonce="n", qop="auth", algorithm=MD5',
    'Digest realm="a", nonce="n", algorithm=SHA-256', // no qop
    'Digest realm="a", qop="auth", algorithm=SHA-256', // no nonce
  ])('%s is not answered', (header) => {
    expect(parseChallenge(header)).toBeNull();
  });
});

test('the answer is the one of the example in RFC 7616, section 3.9.1, but for the user, who is always admin', () => {
  const challenge = { realm: 'http-auth@example.org', nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v' };
  const answer = answerChallenge(challenge, {
    method: 'GET',
    uri: '/dir/index.html',
    password: 'Circle of Life',
    count: 255,
    clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  });
  expect(answer).toContain('nc=000000ff');
  expect(answer).toContain('username="admin"');
  // Reckoned apart from this code, with sha256sum.
  expect(answer).toContain('response="0456f802a53d56f6fd759ab9e3a266e2623e3573d5429d1722d75efdeee805a8"');
});
