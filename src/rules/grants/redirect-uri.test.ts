import { expect, test } from 'vitest';
import { redirectUri } from './redirect-uri.ts';

test.each([
  'https://partner.example.com/callback',
  'https://my.home-assistant.io/redirect/oauth?x=1',
  'http://localhost:8123/auth/external/callback',
  'http://127.0.0.1/callback',
  'com.example.app:/callback',
])('a browser may be sent to %s', (text) => {
  expect(redirectUri(text)).toBe(text);
});

test.each([
  'http://partner.example.com/callback',
  'https://partner.example.com/callback#part',
  'https://user:word@partner.example.com/',
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  '/callback',
  'partner.example.com',
  'https://partner.example.com/a b',
  '',
])('nobody is sent to %j', (text) => {
  expect(redirectUri(text)).toBeNull();
});
