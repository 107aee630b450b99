import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import type { OrganizationId } from '../rules/ids.ts';
import { hours } from '../rules/instant.ts';
import { systemClock } from './clock.ts';
import { createLoginTokens } from './login-token.ts';
import { createRandom } from './random.ts';
import { createSecretBox } from './secret-box.ts';

const random = createRandom(systemClock);
const secrets = createSecretBox(Buffer.alloc(32, 1), random);
let now = Date.parse('2026-03-01T12:00:00Z');
const clock = { ...systemClock, now: () => now };
const tokens = createLoginTokens({ secrets, clock });
const login = { organizationId: 'org_1' as OrganizationId, loginId: random.id('login') };

test('a token names its login until it expires', async () => {
  const token = await tokens.sign(login, now + hours(12));
  expect(await tokens.read(token)).toEqual(login);
  now += hours(12) - 1000;
  expect(await tokens.read(token)).toEqual(login);
  now += 1000;
  expect(await tokens.read(token)).toBeNull();
});

test('a token of another server, of another kind, or changed is nobody', async () => {
  const token = await tokens.sign(login, now + hours(12));
  const other = createLoginTokens({ secrets: createSecretBox(Buffer.alloc(32, 2), random), clock });
  const [header, payload, signature] = token.split('.');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  const otherUse = await new SignJWT({ org: 'org_1' })
    .setProtectedHeader({ alg: 'HS256' })
    .setJti(login.loginId)
    .setExpirationTime(Math.floor(now / 1000) + 60)
    .sign(secrets.derive('login-token'));
  expect(await other.read(token)).toBeNull();
  for (const bad of ['', 'x', none, `${header}.${payload}.${signature?.slice(1)}`, otherUse, 'x'.repeat(5000)]) {
    expect(await tokens.read(bad)).toBeNull();
  }
});
