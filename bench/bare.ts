import fastify from 'fastify';
import pg from 'pg';
import Stripe from 'stripe';

/**
 * What the webhook path is measured against: a bare Fastify that verifies the signature over the raw bytes and does one
 * durable insert. Nobody can do the job with less.
 */
export async function openBare(
  connection: pg.ClientConfig,
  secret: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const pool = new pg.Pool({ ...connection, max: 4 });
  await pool.query('create table if not exists bench_events (id text primary key, body jsonb not null)');
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.post<{ Body: Buffer }>('/webhook', async (request) => {
    const event = Stripe.webhooks.constructEvent(request.body, String(request.headers['stripe-signature']), secret);
    await pool.query({
      name: 'insert',
      text: 'insert into bench_events (id, body) values ($1, $2)',
      values: [`${event.id}-${request.id}`, request.body.toString('utf8')],
    });
    return { received: true };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    async close() {
      await app.close();
      await pool.end();
    },
  };
}
