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

export type BootOptions = {
  config: Config & { adminEmail?: string };
  log: Logger;
  clock?: Clock;
  /** Fires when the process is asked to end before it is up: what was opened is closed again. */
  signal?: AbortSignal;
};

/**
 * From a configuration to a listening server: database, schema, engine, port, first administrator, in this order; what
 * was opened is closed again, in the other order, at the end or when a step fails. The administrator comes last: a
 * password that is shown once must not be lost by a start that fails after it.
 */
export async function boot({ config, log, clock = systemClock, signal }: BootOptions): Promise<Keystead> {
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= closeAll()); // whoever asks again waits for the same end
  const closeAll = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => log.error({ err: error }, 'Something did not close as it should.'));
    }
  };
  try {
    // the database's user has to reach its folder in it
    await mkdir(config.dataDir, { recursive: true, mode: 0o755 }).catch(
      blame(`DATA_DIR ${config.dataDir} cannot be made`),
    );
    const random = createRandom(clock);
    const key = await masterKey({ given: config.masterKey, dataDir: config.dataDir, random });
    const embedded = config.databaseUrl === null ? await embed(config, log, clock) : null;
    if (embedded !== null) closers.push(embedded.stop);
    signal?.throwIfAborted();
    const connection: pg.ClientConfig = embedded?.connection ?? { connectionString: config.databaseUrl ?? '' };
    await migrate({ connection, log }).catch(embedded === null ? blameConnection : rethrow);
    const app = await createApp({ config, connection, masterKey: key, clock, log, alone: embedded !== null });
    closers.push(app.close);
    signal?.throwIfAborted();
    const engine = await app.startEngine();
    closers.push(engine.stop);
    const address = await app.server
      .listen({ port: config.port, host: config.host })
      .catch(blame(`PORT ${config.port} on HOST ${config.host} cannot be listened on`));
    closers.push(() => app.server.close());
    signal?.throwIfAborted();
    const firstAdministrator = await app.services.accounts.ensureFirstAdministrator({
      username: config.adminUsername,
      ...(config.adminEmail === undefined ? {} : { email: config.adminEmail }),
      password: config.adminPassword,
    });
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

/** One sentence that names the setting, and the system's own words for what is wrong with it. */
const blame = (sentence: string) => (error: unknown) => {
  throw new Error(`${sentence}: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
};

/** Faults of reaching the database are the setting's; faults of the schema speak for themselves. */
function blameConnection(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const unreachable = /^(E[A-Z]+|08.*|28.*|3D000)$/.test(code) || error instanceof AggregateError;
  if (!unreachable) throw error;
  return blame('DATABASE_URL does not lead to a database that answers')(error instanceof AggregateError ? code : error);
}

function rethrow(error: unknown): never {
  throw error;
}
