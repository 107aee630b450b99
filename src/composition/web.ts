import type { Database } from '../database/open.ts';
import { createCsrf } from '../http/csrf.ts';
import { createServer, type ServerDeps } from '../http/server.ts';
import { loadAssets } from '../pages/assets.ts';
import { pageErrors } from '../pages/page-errors.ts';
import type { Engine } from './engine.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';

type Given = {
  house: House;
  engine: Engine;
  config: ServerDeps['config'];
  checkResponses: boolean;
};

/** The HTTP server, still without routes, and what all routes are given. */
export async function composeWeb(ground: Ground, { house, engine, config, checkResponses }: Given) {
  const { database, clock, random, box, log, hub, publicUrl } = ground;
  const https = publicUrl.startsWith('https:');
  const assets = await loadAssets();
  const csrf = createCsrf({ secrets: box, random, secure: https });
  const server = await createServer({
    config,
    clock,
    random,
    log,
    csrf,
    authenticate: house.logins.authenticate,
    ready: [{ name: 'database', check: () => reachable(database) }],
    warnings: [{ name: 'clock', warning: engine.clockWatch.warning }],
    pageError: pageErrors({ assets, clock, random }),
    checkResponses,
  });
  const common = { clock, random, publicUrl, secure: https, https, log, hub } as const;
  return { server, csrf, assets, common } as const;
}

export type Web = Awaited<ReturnType<typeof composeWeb>>;

async function reachable(database: Database): Promise<string | null> {
  try {
    await database.pool.query('select 1');
    return null;
  } catch {
    return 'the database does not answer';
  }
}
