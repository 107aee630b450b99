/**
 * The administrators' command line: `npm run keystead COMMAND`. It works on the database that the configuration names, beside
 * a running server or without one; what it does takes the same way as through the server. It must never run the engine.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { type App, createApp } from './app.ts';
import { type Config, parseConfig } from './config.ts';
import { migrate } from './database/migrate.ts';
import { startEmbedded } from './database/supervise/start.ts';
import { runningDatabase } from './database/supervise/visit.ts';
import { processClock as clock } from './host/clock.ts';
import { createLog } from './host/log.ts';
import { masterKey } from './host/master-key.ts';
import { createRandom } from './host/random.ts';

type Given = { positionals: string[]; values: Record<string, string | string[] | undefined> };
type Command = { words: string; usage: string; run(app: App, given: Given): Promise<string[]> };

class Wrong extends Error {}

const commands: readonly Command[] = [
  {
    words: 'api-client create',
    usage: 'api-client create NAME [-- --key KEY --redirect-uri URL --scope SCOPE --organization SLUG]',
    async run({ services }, { positionals, values }) {
      const name = positionals.join(' ');
      if (name === '') throw new Wrong('The API client needs a name.');
      const organization =
        typeof values.organization === 'string'
          ? await services.organizations.bySlug(values.organization)
          : await services.organizations.first();
      if (organization === null)
        throw new Wrong('There is no such organization; the first is made by the first start.');
      const scopes = listOf(values.scope) as NonNullable<Parameters<typeof services.apiClients.create>[2]['scopes']>;
      const unknown = scopes.find((scope) => !known.includes(scope));
      if (unknown !== undefined) throw new Wrong(`There is no scope ${unknown}; there are ${known.join(', ')}.`);
      const made = await services.apiClients.create(organization.id, null, {
        name,
        ...(typeof values.key === 'string' ? { key: values.key } : {}),
        redirectUris: listOf(values['redirect-uri']),
        scopes,
      });
      return [
        `API client ${made.row.name} of ${organization.name}`,
        `Client id:     ${made.row.id}`,
        `API key:       ${made.key}`,
        `Client secret: ${made.secret}`,
        'Key and secret are shown only now.',
      ];
    },
  },
];

const known: readonly string[] = ['users:sub-user:create', 'partners:excluded_lock_mgmt', 'webhooks'];

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      organization: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      scope: { type: 'string', multiple: true },
    },
  });
  const asked = positionals.join(' ');
  const command = commands.find(({ words }) => asked === words || asked.startsWith(`${words} `));
  if (command === undefined) {
    const lines = commands.map(({ usage }) => `  npm run keystead ${usage}`);
    throw new Wrong(['There is no such command. There are:', ...lines].join('\n'));
  }
  const rest = positionals.slice(command.words.split(' ').length);
  const lines = await withApp(parseConfig(process.env), (app) => command.run(app, { positionals: rest, values }));
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function withApp<T>(config: Config, work: (app: App) => Promise<T>): Promise<T> {
  const log = createLog('silent');
  await mkdir(config.dataDir, { recursive: true, mode: 0o755 });
  const random = createRandom(clock);
  const key = await masterKey({ given: config.masterKey, dataDir: config.dataDir, random });
  const { connection, stop } = await reach(config);
  try {
    const app = await createApp({ config, connection, masterKey: key, clock, log });
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  } finally {
    await stop();
  }
}

/** The database of the server that runs, or one that is started for so long; only the latter is migrated here. */
async function reach(config: Config): Promise<{ connection: pg.ClientConfig; stop(): Promise<void> }> {
  const nothing = async (): Promise<void> => undefined;
  if (config.databaseUrl !== null) return { connection: { connectionString: config.databaseUrl }, stop: nothing };
  const running = runningDatabase(config.dataDir);
  if (running !== null) return { connection: running, stop: nothing };
  const { dataDir, postgresBin, postgresAccount: account } = config;
  const embedded = await startEmbedded({ dataDir, postgresBin, account, clock });
  await migrate({ connection: embedded.connection, log: createLog('silent') });
  return { connection: embedded.connection, stop: embedded.stop };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
