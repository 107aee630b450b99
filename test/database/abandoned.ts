import { readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { claim } from '../../src/database/supervise/claim.ts';
import { livePostmaster } from '../../src/database/supervise/postmaster.ts';
import { systemClock } from '../../src/host/clock.ts';
import { minutes } from '../../src/rules/instant.ts';

/** Ends the servers of test runs that were killed, and takes their folders away. A run that lives holds its server's lock. */
export async function clearAbandoned(prefix: string): Promise<void> {
  for (const name of readdirSync(os.tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(os.tmpdir(), name);
    const live = livePostmaster(path.join(folder, 'postgres'));
    if (live === null) {
      const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
      if (changed < systemClock.now() - minutes(10)) rmSync(folder, { recursive: true, force: true });
      continue;
    }
    const answer = await claim({ host: live.socket, port: 5432, user: 'keystead', ssl: false });
    if (answer.kind !== 'mine') continue;
    process.kill(live.pid, 'SIGQUIT');
    await answer.owner.end().catch(() => undefined);
    for (let n = 0; n < 100 && livePostmaster(path.join(folder, 'postgres')) !== null; n++) await systemClock.sleep(20);
    rmSync(folder, { recursive: true, force: true });
  }
}
