/**
 * `npm run bench`: ratios, measured side by side in one run; absolute times mean nothing on shared machines.
 * Asked: does what guests and the engine do all the time stay as fast when the place has years of history?
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createApp } from '../src/app.ts';
import { migrate } from '../src/database/migrate.ts';
import { startEmbedded } from '../src/database/supervise/start.ts';
import { systemClock } from '../src/host/clock.ts';
import { createLog } from '../src/host/log.ts';
import { fill, furnish } from './history.ts';
import { measure, ratio } from './measure.ts';

const few = 1_000;
const many = 200_000;

const folder = await mkdtemp(path.join(os.tmpdir(), 'keystead-bench-'));
const log = createLog('silent');
const embedded = await startEmbedded({ dataDir: folder, postgresBin: null, account: 'nobody', clock: systemClock });
try {
  await migrate({ connection: embedded.connection, log });
  const app = await createApp({
    config: { publicUrl: 'http://127.0.0.1:9', trustProxy: 0, cronSecret: null, stripeBaseUrl: 'http://127.0.0.1:9' },
    connection: embedded.connection,
    masterKey: Buffer.alloc(32, 1),
    clock: systemClock,
    log,
  });
  const client = new pg.Client(embedded.connection);
  await client.connect();
  const { token, bearer, device } = await furnish(app);
  const get = async (url: string): Promise<void> => {
    const answer = await app.server.inject({ method: 'GET', url, headers: { authorization: `Bearer ${bearer}` } });
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`);
  };
  const asked: [string, () => Promise<unknown>][] = [
    ['a guest asks for the state of a session', () => get(`/api/public/sessions/${token}`)],
    ['the engine asks what is due', () => app.services.sessions.due(systemClock.now(), 200)],
    ['staff lists the newest 100 payments', () => get('/api/payments')],
    ['staff looks at what became of a device', () => get(`/api/devices/${device}/timeline`)],
    ['staff lists the sessions under way', () => get('/api/sessions?status=ACTIVE')],
  ];
  await fill(client, few);
  const before = await measure(asked);
  await fill(client, many - few);
  const after = await measure(asked);
  process.stdout.write(`With ${many} past sessions and payments, against ${few} (1.00: as fast):\n`);
  for (const [name] of asked) process.stdout.write(`  ${ratio(before, after, name)}  ${name}\n`);
  await client.end();
  await app.close();
} finally {
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
}
