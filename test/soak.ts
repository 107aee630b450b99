/**
 * `npm run soak`: the long forms of the tests that try what chance brings. KEYSTEAD_SEED repeats a run; each test prints
 * its seed and what it counted. Takes hours on a small machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

type Part = { what: string; project: string; file: string; environment: Record<string, string> };

const parts: Part[] = [
  {
    what: 'The life of a run in a world where anything may go wrong, 20,000 worlds for each property',
    project: 'unit',
    file: 'src/rules/sessions/world.test.ts',
    environment: { KEYSTEAD_RUNS: '20000' },
  },
  {
    what: '10,000 random schedules of purchases, returns, refunds, faults and restarts',
    project: 'database',
    file: 'test/replay/schedules.test.ts',
    environment: { KEYSTEAD_SCHEDULES: '10000' },
  },
  {
    what: '100 random kills of server and database under 20 guests',
    project: 'crash',
    file: 'test/crash/random-kills.test.ts',
    environment: { KEYSTEAD_KILLS: '100' },
  },
];

const seed = process.env.KEYSTEAD_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const failed: string[] = [];

for (const { what, project, file, environment } of parts) {
  process.stdout.write(`\n${what} (KEYSTEAD_SEED=${seed})\n`);
  // what is set in the environment wins: a shorter soak, or a longer one
  const child = spawn(process.execPath, [vitest, 'run', '--project', project, file], {
    cwd: root,
    stdio: 'inherit',
    env: { ...environment, ...process.env, KEYSTEAD_SEED: seed },
  });
  const [code] = await once(child, 'close');
  if (code !== 0) failed.push(what);
}

const outcome = failed.length === 0 ? 'All of it held.' : `It did not hold:\n${failed.join('\n')}`;
process.stdout.write(`\nKEYSTEAD_SEED=${seed}. ${outcome}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
