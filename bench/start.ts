import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Line, ms, quantile } from './report.ts';

/** From the start of the process to healthy, with an empty folder and with one that was used before. */
export async function benchStart(times: number): Promise<Line[]> {
  const measured = { cold: [] as number[], warm: [] as number[], bareCold: [] as number[], bareWarm: [] as number[] };
  for (let n = 0; n < times; n++) {
    const own = await mkdtemp(path.join(os.tmpdir(), 'keystead-bench-'));
    const bare = await mkdtemp(path.join(os.tmpdir(), 'keystead-bench-'));
    measured.bareCold.push(await untilHealthy('bench/children/bare-server.ts', bare));
    measured.cold.push(await untilHealthy('src/main.ts', own));
    measured.bareWarm.push(await untilHealthy('bench/children/bare-server.ts', bare));
    measured.warm.push(await untilHealthy('src/main.ts', own));
    for (const folder of [own, bare]) await rm(folder, { recursive: true, force: true });
  }
  const line = (what: string, a: number[], b: number[], target: number): Line => ({
    what,
    ratio: quantile(a, 0.5) / quantile(b, 0.5),
    target,
    detail: `${ms(quantile(a, 0.5))} against ${ms(quantile(b, 0.5))} of PostgreSQL and a bare Fastify`,
  });
  return [
    line('cold start to healthy', measured.cold, measured.bareCold, 2),
    line('warm start to healthy', measured.warm, measured.bareWarm, 2.5),
  ];
}

async function untilHealthy(script: string, folder: string): Promise<number> {
  const port = await freePort();
  const root = path.resolve(import.meta.dirname, '..');
  const env = { ...process.env, DATA_DIR: folder, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'silent' };
  const begun = performance.now();
  const child = spawn(process.execPath, [script], { cwd: root, env, stdio: 'ignore' });
  try {
    await healthy(`http://127.0.0.1:${port}/api/ready`, child);
    return performance.now() - begun;
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 6000; tries++) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode} before it was healthy`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('The server did not become healthy');
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
