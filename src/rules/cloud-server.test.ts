import { expect, test } from 'vitest';
import { cloudServer } from './cloud-server.ts';

test.each([
  ['shelly-103-eu.shelly.cloud', 'https://shelly-103-eu.shelly.cloud'],
  [' Shelly-103-EU.shelly.cloud ', 'https://shelly-103-eu.shelly.cloud'],
  ['https://shelly-103-eu.shelly.cloud/', 'https://shelly-103-eu.shelly.cloud'],
  ['https://shelly-103-eu.shelly.cloud:6022', 'https://shelly-103-eu.shelly.cloud:6022'],
  ['http://127.0.0.1:4040', 'http://127.0.0.1:4040'],
  ['http://simulators:4040', 'http://simulators:4040'],
  ['http://192.168.1.5', 'http://192.168.1.5'],
  ['http://[::1]:4040', 'http://[::1]:4040'],
])('%s is a server of a cloud', (written, meant) => {
  expect(cloudServer(written)).toBe(meant);
});

test.each([
  '',
  ' ',
  'http://shelly-103-eu.shelly.cloud',
  'ftp://shelly.cloud',
  'https://shelly.cloud/v2',
  'https://user:secret@shelly.cloud',
  'https://shelly.cloud?auth_key=x',
  'https://shelly.cloud#x',
  'shelly cloud',
  'shelly.cloud\r\nhost: x',
  'https://shelly.cloud:99999',
  'https://',
  'x'.repeat(256),
])('%j is none', (written) => {
  expect(cloudServer(written)).toBe(null);
});
