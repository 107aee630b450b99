import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/host/clock.ts';
import { type KeysteadProcess, startKeystead } from './keystead-process.ts';

/**
 * A server that is killed again and again at a commit which is named while it runs: a start costs more than all else in
 * these tests, so there is one for each death and no more.
 */
export type MortalServer = {
  /**
   * Does it, and lets the server die at that point on the way. Answers how it ended; then the next server listens.
   * `dead`: looks, while none lives.
   */
  killedAt(point: string, act: () => Promise<unknown>, dead?: () => void | Promise<void>): Promise<string>;
  close(): Promise<void>;
};

/** So long a server may take to come to the point, on a machine that is busy with other tests. */
const patience = 60_000;

export async function openMortalServer(given: Record<string, string>): Promise<MortalServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-kill-'));
  const file = path.join(folder, 'kill-at');
  const say = (point: string): void => writeFileSync(file, point);
  say('');
  const environment = { ...given, KEYSTEAD_KILL_AT: `@${file}` };
  let server: KeysteadProcess = await startKeystead(environment);
  return {
    async killedAt(point, act, dead) {
      say(point);
      await act().catch(() => undefined); // its answer may die with it
      const end = await Promise.race([server.ended(), systemClock.sleep(patience).then(() => null)]);
      say('');
      if (end === null) return 'it never came there';
      try {
        await dead?.();
      } finally {
        server = await startKeystead(environment);
      }
      return String(end);
    },
    async close() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
