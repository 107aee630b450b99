import { expect, test } from 'vitest';
import { createFairQueue, createPlaces } from './places.ts';

/** Work that ends when it is told to. */
function work() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    of: (name: string) => () =>
      new Promise<string>((resolve) => {
        begun.push(name);
        ends.set(name, () => resolve(name));
      }),
    end: async (name: string) => {
      ends.get(name)?.();
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    },
  };
}

test('a group that hangs keeps its own places and no others', async () => {
  const { begun, of, end } = work();
  const queue = createFairQueue({ atOnce: 4, atOncePerGroup: 2 });
  for (const n of [1, 2, 3, 4]) void queue.add('hangs', of(`hangs ${n}`));
  for (const n of [1, 2, 3]) void queue.add('well', of(`well ${n}`));
  expect(begun).toEqual(['hangs 1', 'hangs 2', 'well 1', 'well 2']);
  await end('well 1');
  await end('well 2');
  expect(begun.at(-1)).toBe('well 3');
  await end('hangs 2');
  expect(begun.at(-1)).toBe('hangs 3');
});

test('groups take turns, and work that fails gives its place back', async () => {
  const { begun, of, end } = work();
  const queue = createFairQueue({ atOnce: 1, atOncePerGroup: 1 });
  const failing = queue.add('a', () => Promise.reject(new Error('no')));
  for (const name of ['a 1', 'b 1', 'a 2', 'b 2']) void queue.add(name.slice(0, 1), of(name));
  await expect(failing).rejects.toThrow('no');
  for (let n = 0; n < 4; n++) await end(begun.at(-1) ?? '');
  expect(begun.map((name) => name.slice(0, 1)).join('')).toMatch(/^(abab|baba)$/);
});

test('a group without a place is known until it gives one back', () => {
  const places = createPlaces();
  const leave = places.take('a', 1);
  expect(places.take('a', 1)).toBeNull();
  expect(places.take('b', 1)).not.toBeNull();
  expect(places.full()).toEqual(['a']);
  leave?.();
  expect(places.full()).toEqual([]);
  expect(places.take('a', 1)).not.toBeNull();
});
