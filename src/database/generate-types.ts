import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../host/clock.ts';
import { describeDatabase } from './describe.ts';
import { silent } from './log.ts';
import { migrate } from './migrate.ts';
import { startEmbedded } from './supervise/start.ts';

// `npm run database-types`: migrates a database that lives for a second, and writes down what came out.
const folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-types-'));
chmodSync(folder, 0o755);
const server = await startEmbedded({ dataDir: folder, postgresBin: null, account: 'nobody', clock: systemClock });
try {
  await migrate({ connection: server.connection, log: silent });
  writeFileSync(new URL('./types.ts', import.meta.url), await describeDatabase(server.connection));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
