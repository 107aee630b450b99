import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type StripeSimulator, startStripeSimulator } from '../simulators/stripe/start.ts';
import { type App, createApp } from '../src/app.ts';
import { migrate } from '../src/database/migrate.ts';
import { startEmbedded } from '../src/database/supervise/start.ts';
import { systemClock } from '../src/host/clock.ts';
import { createLog } from '../src/host/log.ts';

const password = 'bench password';

/** The whole of Keystead with its engine, and a payment service on the other side. */
export type Place = {
  app: App;
  url: string;
  connection: pg.ClientConfig;
  stripe: StripeSimulator;
  bearer: string;
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  close(): Promise<void>;
};

export type Server = { connection: pg.ClientConfig; close(): Promise<void> };

/** A durable database server of its own. */
export async function openServer(): Promise<Server> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'keystead-bench-'));
  const embedded = await startEmbedded({ dataDir: folder, postgresBin: null, account: 'nobody', clock: systemClock });
  return {
    connection: embedded.connection,
    async close() {
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Keystead in a new database of this server. */
export async function openPlace(server: Pick<Server, 'connection'>, database: string): Promise<Place> {
  const client = new pg.Client(server.connection);
  await client.connect();
  await client.query(`create database ${database}`);
  await client.end();
  const connection = { ...server.connection, database };
  const log = createLog('silent');
  await migrate({ connection, log });
  const stripe = await startStripeSimulator({ stateDir: null });
  stripe.holdWebhooks(true);
  const url = 'http://127.0.0.1:9';
  const config = { publicUrl: url, trustProxy: 0, cronSecret: null, stripeBaseUrl: stripe.url };
  const app = await createApp({ config, connection, masterKey: Buffer.alloc(32, 1), clock: systemClock, log });
  const engine = await app.startEngine();
  const address = await app.server.listen({ port: 0, host: '127.0.0.1' });
  const { accounts, logins } = app.services;
  await accounts.ensureFirstAdministrator({ username: 'bench', email: 'bench@keystead.test', password });
  const login = await logins.login({ by: 'email', name: 'bench@keystead.test', password, ip: null, userAgent: null });
  if (login.kind !== 'in') throw new Error('Could not sign in');
  const bearer = login.token;

  const call: Place['call'] = async (method, at, body) => {
    const answer = await fetch(address + at, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const { publishableKey, secretKey, webhookSecret } = stripe;
  await call('PATCH', '/api/configs/stripe', { publishableKey, secretKey, webhookSecret });
  return {
    app,
    url: address,
    connection,
    stripe,
    bearer,
    call,
    async close() {
      await app.server.close();
      await engine.stop();
      await app.close();
      await stripe.close();
    },
  };
}
