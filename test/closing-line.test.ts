import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(() => {
  const cache = path.join(root, 'node_modules', '.cache'); // where the files find vitest
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(path.join(cache, 'closing-line-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a file of tests; answers whether it failed, and the last line. */
function run(body: string): [failed: boolean, line: string] {
  const file = path.join(folder, 'some.test.js');
  writeFileSync(file, `import { afterAll, beforeAll, describe, expect, test } from 'vitest';\n${body}`);
  const reporter = path.join(root, 'test', 'closing-line.ts');
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { PATH = '', HOME = '' } = process.env;
  const { status, stdout } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', folder, '--reporter=default', `--reporter=${reporter}`],
    { cwd: folder, env: { PATH, HOME }, encoding: 'utf8' },
  );
  return [status !== 0, stdout.trimEnd().split('\n').at(-1) ?? ''];
}

const throws = "{ throw new Error('no'); }";

test.each([
  ['all is well', "test('a', () => expect(1).toBe(1));", false, '1 passed, 0 failed'],
  ['a test fails', "test('a', () => {}); test('b', () => expect(1).toBe(2));", true, '1 passed, 1 failed'],
  ['a test is skipped', "test('a', () => {}); test.skip('b', () => {});", false, '1 passed, 0 failed, 1 skipped'],
  [
    'what some tests need cannot be made',
    `test('a', () => {}); describe('b', () => { beforeAll(() => ${throws}); test('c', () => {}); });`,
    true,
    '1 passed, 1 failed, 1 skipped',
  ],
  [
    'what some tests leave cannot be taken away',
    `describe('b', () => { afterAll(() => ${throws}); test('c', () => {}); });`,
    true,
    '1 passed, 1 failed',
  ],
  ['a file has no tests', '', true, '0 passed, 1 failed'],
  [
    'its process dies',
    "test('a', async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); });",
    true,
    '0 passed, 1 failed',
  ],
])(
  'the last line of a run tells how many passed and failed, when %s',
  (_, body, failed, line) => {
    expect(run(body)).toEqual([failed, line]);
  },
  60_000,
);
