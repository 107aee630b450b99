import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Another process of ours, started from a file of children/: it says one JSON object a line, and hears "stop". */
export type Child = {
  pid: number;
  /** The next thing it says; throws what it wrote to stderr when it ends before. */
  says(): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Waits for the end; the exit code, or the signal's name. */
  ended(): Promise<number | string>;
};

const all = new Set<ChildProcess>();

export function startChild(
  file: string,
  o: { arguments?: string[]; environment?: Record<string, string> } = {},
): Child {
  const script = fileURLToPath(new URL(`./children/${file}`, import.meta.url));
  const child = spawn(process.execPath, [script, ...(o.arguments ?? [])], {
    env: { ...process.env, NODE_OPTIONS: '', ...o.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  all.add(child);
  const exit = once(child, 'close').then(() => all.delete(child));
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = async () => {
    await exit;
    return child.signalCode ?? child.exitCode ?? -1;
  };
  return {
    pid: child.pid ?? -1,
    async says() {
      const line = await lines.next();
      if (line.done !== true) return JSON.parse(line.value) as Record<string, unknown>;
      await exit;
      throw new Error(complaints.trim() || 'The child ended without a word.');
    },
    async stop() {
      child.stdin.write('stop\n');
      await exit;
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    ended,
  };
}

/** For afterEach: whatever a failed test left running. */
export function killChildren(): void {
  for (const child of all) child.kill('SIGKILL');
}
