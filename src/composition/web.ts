import type { Config } from '../config.ts';
import type { Database } from '../database/open.ts';
import { createCsrf } from '../http/csrf.ts';
import { createPartners } from '../http/partners.ts';
import { createServer, type ServerDeps } from '../http/server.ts';
import { yaleErrors } from '../http/yale-errors.ts';
import { loadAssets } from '../pages/assets.ts';
import { pageErrors } from '../pages/page-errors.ts';
import type { Engine } from './engine.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Partners } from './partners.ts';

type Given = {
  house: House;
  partners: Partners;
  engine: Engine;
  config: ServerDeps['config'] & Partial<Pick<Config, 'yaleHosts'>>;
  checkResponses: boolean;
};

/** The HTTP server, still without routes, and what all routes are given. */
export async function composeWeb(ground: Ground, { house, partners, engine, config, checkResponses }: Given) {
  const { database, clock, random, box, log, hub, publicUrl } = ground;
  const https = publicUrl.startsWith('https:');
  const assets = await loadAssets();
  const csrf = createCsrf({ secrets: box, random, secure: https });
  const yaleHosts = anyOf(config.yaleHosts ?? []);
  const server = await createServer({
    config,
    clock,
    random,
    log,
    csrf,
    authenticate: house.logins.authenticate,
    partners: createPartners({ ...partners.grants, byKey: partners.apiClients.byKey }),
    errorShapes: [yaleErrors(yaleHosts)],
    ready: [{ name: 'database', check: () => reachable(database) }],
    warnings: [{ name: 'clock', warning: engine.clockWatch.warning }],
    pageError: pageErrors({ assets, clock, random }),
    checkResponses,
  });
  const common = { clock, random, publicUrl, secure: https, https, log, hub } as const;
  return { server, csrf, assets, common, yaleHosts } as const;
}

export type Web = Awaited<ReturnType<typeof composeWeb>>;

/** Hosts of these names, at whatever port they are asked. */
function anyOf(names: readonly string[]): RegExp | null {
  if (names.length === 0) return null;
  return new RegExp(`^(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})(:\\d+)?$`, 'i');
}

async function reachable(database: Database): Promise<string | null> {
  try {
    await database.pool.query('select 1');
    return null;
  } catch {
    return 'the database does not answer';
  }
}
