import { mkdir } from 'node:fs/promises';
import type pg from 'pg';
import { type App, createApp } from './app.ts';
import type { Config } from './config.ts';
import { migrate } from './database/migrate.ts';
import { type Embedded, startEmbedded } from './database/supervise/start.ts';
import type { FirstAdministrator } from './features/accounts/accounts.service.ts';
import { type Clock, systemClock } from './host/clock.ts';
import type { Logger } from './host/log.ts';
import { masterKey } from './host/master-key.ts';
import { createRandom } from './host/random.ts';

export type Keystead = {
  app: App;
  /** Where it listens: http://HOST:PORT */
  address: string;
  firstAdministrator: FirstAdministrator;
  /** Settles when something under the server was lost for good: the process must end. */
  lost: Promise<Error>;
  close(): Promise<void>;
};

/**
 * From a configuration to a listening server: database, schema, first administrator, engine, port, in this order; what
 * was opened is closed again, in the other order, at the end or when a step fails.
 */
export async function boot(
  config: Config & { adminEmail?: string },
  log: Logger,
  clock: Clock = systemClock,
): Promise<Keystead> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => log.error({ err: error }, 'Something did not close as it should.'));
    }
  };
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o755 }); // the database's user has to reach its folder in it
    const random = createRandom(clock);
    const key = await masterKey({ given: config.masterKey, dataDir: config.dataDir, random });
    const embedded = config.databaseUrl === null ? await embed(config, log, clock) : null;
    if (embedded !== null) closers.push(embedded.stop);
    const connection: pg.ClientConfig = embedded?.connection ?? { connectionString: config.databaseUrl ?? '' };
    await migrate({ connection, log });
    const app = await createApp({ config, connection, masterKey: key, clock, log });
    closers.push(app.close);
    const firstAdministrator = await app.services.accounts.ensureFirstAdministrator({
      username: config.adminUsername,
      ...(config.adminEmail === undefined ? {} : { email: config.adminEmail }),
      password: config.adminPassword,
    });
    const engine = await app.startEngine();
    closers.push(engine.stop);
    const address = await app.server.listen({ port: config.port, host: config.host });
    closers.push(() => app.server.close());
    return {
      app,
      address,
      firstAdministrator,
      lost: Promise.race([engine.lost, ...(embedded ? [embedded.lost] : [])]),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function embed(config: Config, log: Logger, clock: Clock): Promise<Embedded> {
  return startEmbedded({
    dataDir: config.dataDir,
    postgresBin: config.postgresBin,
    account: config.postgresAccount,
    clock,
    log: (line) => log.info({}, line),
  });
}
