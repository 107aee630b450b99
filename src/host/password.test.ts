import { expect, test } from 'vitest';
import { createPasswords } from './password.ts';

const passwords = createPasswords();

test('a password is known again, another is not', async () => {
  const hash = await passwords.hash('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.verify(hash, 'correct horse')).toBe(true);
  expect(await passwords.verify(hash, 'correct horsf')).toBe(false);
});

test('an unknown name is refused, whatever is typed', async () => {
  expect(await passwords.verify(null, 'nobody has this password')).toBe(false);
});

test('a flood is refused rather than queued for ever', async () => {
  const results = await Promise.allSettled(Array.from({ length: 203 }, () => passwords.verify('not a hash', 'x')));
  const refused = results.filter((result) => result.status === 'rejected' && result.reason.code === 'UNAVAILABLE');
  expect(refused.length).toBe(1);
});
