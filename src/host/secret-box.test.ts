import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { createRandom } from './random.ts';
import { createSecretBox, SecretUnreadable } from './secret-box.ts';

const random = createRandom(systemClock);
const box = createSecretBox(Buffer.alloc(32, 1), random);

test.each(['', 'short', 'ключ 🔑', 'x'.repeat(10_000)])('a sealed text opens again', (text) => {
  expect(box.open('connection', box.seal('connection', text))).toBe(text);
});

test('the same text is sealed differently each time', () => {
  expect(box.seal('connection', 'secret')).not.toEqual(box.seal('connection', 'secret'));
});

test('a secret moved to another purpose does not open', () => {
  expect(() => box.open('link', box.seal('connection', 'secret'))).toThrow(SecretUnreadable);
});

test('another master key does not open it', () => {
  const other = createSecretBox(Buffer.alloc(32, 2), random);
  expect(() => other.open('connection', box.seal('connection', 'secret'))).toThrow(SecretUnreadable);
});

test('no changed byte, and no cut, goes unnoticed', () => {
  const sealed = box.seal('connection', 'secret');
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8((sealed[i] ?? 0) ^ 1, i);
    expect(() => box.open('connection', changed)).toThrow(SecretUnreadable);
    expect(() => box.open('connection', sealed.subarray(0, i))).toThrow(SecretUnreadable);
  }
});

test('a keyed hash is the same for the same text and purpose, and for nothing else', () => {
  expect(box.hash('pin', '4821')).toEqual(box.hash('pin', '4821'));
  expect(box.hash('pin', '4821')).not.toEqual(box.hash('pin', '4822'));
  expect(box.hash('pin', '4821')).not.toEqual(box.hash('link', '4821'));
  expect(createSecretBox(Buffer.alloc(32, 2), random).hash('pin', '4821')).not.toEqual(box.hash('pin', '4821'));
});

test('derived keys differ by purpose and are never the key that seals or hashes', () => {
  const keys = [box.derive('a'), box.derive('b'), box.hash('a', ''), Buffer.alloc(32, 1)].map((key) =>
    key.toString('hex'),
  );
  expect(new Set(keys).size).toBe(4);
});
