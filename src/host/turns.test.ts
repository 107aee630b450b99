import { expect, test } from 'vitest';
import { createTurns, createTurnsByKey } from './turns.ts';

test('no more run at once than allowed, in the order they came', async () => {
  const turns = createTurns(2, 10);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = (n: number) => async () => {
    order.push(n);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return n;
  };
  expect(await Promise.all([1, 2, 3, 4, 5].map(async (n) => turns.take(work(n))))).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test('work that fails gives its turn on', async () => {
  const turns = createTurns(1, 10);
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('too many waiting are refused; another key has a line of its own', async () => {
  const turns = createTurnsByKey(1);
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = turns.take('a', () => gate);
  const second = turns.take('a', async () => 2);
  expect(turns.take('a', async () => 3)).toBeNull();
  expect(await turns.take('b', async () => 4)).toBe(4);
  open();
  await first;
  expect(await second).toBe(2);
  expect(await turns.take('a', async () => 5)).toBe(5);
});
