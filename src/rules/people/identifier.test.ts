import { expect, test } from 'vitest';
import { identifierOf, splitName } from './identifier.ts';

test.each([
  ['email:Anna@Example.com', { kind: 'email', email: 'Anna@Example.com' }],
  ['phone:+49 170 123-4567', { kind: 'phone', phone: '+491701234567' }],
  ['A57F9BDA-A0F3-4990-8567-AEC391F13038', { kind: 'uuid', uuid: 'a57f9bda-a0f3-4990-8567-aec391f13038' }],
])('%s names somebody', (text, identifier) => {
  expect(identifierOf(text)).toEqual(identifier);
});

test.each(['', 'anna', 'email:', 'email:anna', 'phone:0170 1234567', 'phone:+49', 'mail:a@b.example', 'a57f9bda'])(
  '%j names nobody',
  (text) => {
    expect(identifierOf(text)).toBeNull();
  },
);

test.each([
  ['Anna', { firstName: 'Anna', lastName: '' }],
  [' Anna  Maria Schmidt ', { firstName: 'Anna', lastName: 'Maria Schmidt' }],
  ['', { firstName: '', lastName: '' }],
])('%j in two parts', (name, parts) => {
  expect(splitName(name)).toEqual(parts);
});
