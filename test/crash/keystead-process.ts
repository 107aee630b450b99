import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { commitNames } from '../support/commit-names.ts';

/** A real server: `node src/main.ts`, or the demo around it. */
export type KeysteadProcess = {
  pid: number;
  url: string;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** Waits for the end; the exit code, or the signal's name. */
  ended(): Promise<number | string>;
};

type Program = { main: string /** What it says when it listens. */; ready: string };
const server: Program = { main: 'src/main.ts', ready: 'Keystead is ready' };
const demo: Program = { main: 'demo/main.ts', ready: 'The demo building stands' };
/** Starts are most of what these tests cost: what one process has compiled, the next need not. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/keystead-compiled', import.meta.url));
const known = new Set(commitNames().map(({ name }) => name));
const running = new Set<KeysteadProcess>();

/** Returns when it listens, or when it has ended before: a kill point may lie on the way. */
export const startKeystead = (environment: Record<string, string>, killAt?: string): Promise<KeysteadProcess> =>
  start(server, environment, killAt);

export const startDemo = (environment: Record<string, string>, killAt?: string): Promise<KeysteadProcess> =>
  start(demo, environment, killAt);

async function start(
  { main, ready: word }: Program,
  environment: Record<string, string>,
  killAt?: string,
): Promise<KeysteadProcess> {
  if (killAt !== undefined && !known.has(killAt.split(':')[0] ?? '')) throw new Error(`No commit is called ${killAt}`);
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${main}`, import.meta.url))], {
    env: {
      PATH,
      HOME,
      LOG_LEVEL: 'warn',
      NODE_COMPILE_CACHE: compiled,
      ...environment,
      ...(killAt === undefined ? {} : { KEYSTEAD_KILL_AT: killAt }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(word)) resolve();
    });
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exit = once(child, 'close').then(() => running.delete(self));
  const self: KeysteadProcess = {
    pid: child.pid ?? -1,
    url: `http://127.0.0.1:${environment.PORT}`,
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    async stop() {
      child.kill('SIGTERM');
      await exit;
    },
    async ended() {
      await exit;
      return child.signalCode ?? child.exitCode ?? -1;
    },
  };
  running.add(self);
  await Promise.race([ready, exit]);
  if (child.exitCode !== null) throw new Error(`It did not start: ${said}`);
  return self;
}

/** For afterAll: whatever a failed test left running. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.kill()));
}
