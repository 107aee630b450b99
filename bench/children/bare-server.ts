/** The least that starts at all: the same embedded PostgreSQL, and a Fastify that says it is there. */
import fastify from 'fastify';
import pg from 'pg';
import { startEmbedded } from '../../src/database/supervise/start.ts';
import { systemClock } from '../../src/host/clock.ts';

const dataDir = process.env.DATA_DIR ?? '';
const embedded = await startEmbedded({ dataDir, postgresBin: null, account: 'nobody', clock: systemClock });
const client = new pg.Client(embedded.connection);
await client.connect();
const app = fastify();
app.get('/api/ready', async () => (await client.query('select true as ok')).rows[0]);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', async () => {
  await app.close();
  await client.end();
  await embedded.stop();
  process.exit(0);
});
