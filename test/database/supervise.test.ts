import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBinaries } from '../../src/database/supervise/binaries.ts';
import { livePostmaster } from '../../src/database/supervise/postmaster.ts';
import { type EmbeddedOptions, startEmbedded } from '../../src/database/supervise/start.ts';
import { systemClock } from '../../src/host/clock.ts';
import { killChildren, startChild } from './child.ts';

const isRoot = process.getuid?.() === 0;
let made = '';
let home = '';
let dataDir = '';

beforeAll(async () => {
  made = mkdtempSync(path.join(os.tmpdir(), 'keystead-made-'));
  chmodSync(made, 0o755);
  const server = await start({ dataDir: made });
  await server.stop();
});

afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'keystead-supervise-'));
  chmodSync(home, 0o755);
  dataDir = path.join(home, 'data');
});

afterEach(async () => {
  killChildren();
  for (const folder of [path.join(dataDir, 'postgres'), path.join(home, 'private', 'data', 'postgres')]) {
    const left = livePostmaster(folder);
    if (left !== null) process.kill(left.pid, 'SIGQUIT');
    while (livePostmaster(folder) !== null) await systemClock.sleep(20);
  }
  rmSync(home, { recursive: true, force: true });
});

function start(o: Partial<EmbeddedOptions> = {}) {
  return startEmbedded({ dataDir, postgresBin: null, account: 'nobody', clock: systemClock, ...o });
}

/** A database that exists already: copying one is faster than making one. */
function lay(): void {
  mkdirSync(dataDir);
  execFileSync('cp', ['-a', path.join(made, 'postgres'), dataDir]);
}

async function ask(connection: pg.ClientConfig, question: string): Promise<unknown> {
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(question);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describe('the embedded server', () => {
  it('starts cold, keeps its data over a stop, and leaves nothing running', async () => {
    const cold = await start();
    expect(cold.adopted).toBe(false);
    await ask(cold.connection, 'create table kept as select 7 as seven');
    expect(await ask(cold.connection, 'show server_version')).toMatch(/^18\./);
    await cold.stop();
    await cold.stop();
    expect(existsSync(path.join(cold.folder, 'postmaster.pid'))).toBe(false);
    expect(() => process.kill(cold.pid, 0)).toThrow();

    const warm = await start();
    expect(await ask(warm.connection, 'select seven from kept')).toBe(7);
    await warm.stop();
  });

  it('keeps what it promises on disk: checksums, fsync, whole pages, synchronous commits; and listens to no network', async () => {
    lay();
    const server = await start();
    for (const setting of ['data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit']) {
      expect(await ask(server.connection, `show ${setting}`), setting).toBe('on');
    }
    expect(await ask(server.connection, 'show listen_addresses')).toBe('');
    expect(statSync(server.folder).mode & 0o777).toBe(0o700);
    await server.stop();
  });

  it('lets in nobody but the user who runs Keystead', async () => {
    lay();
    const server = await start();
    await expect(ask({ ...server.connection, user: 'postgres' }, 'select 1')).rejects.toThrow(/pg_hba|Peer/);
    await server.stop();
  });

  it('tells a second Keystead on the same folder that the first is running', async () => {
    lay();
    const first = startChild('embedded.ts', { arguments: [dataDir] });
    await first.says();
    await expect(start()).rejects.toThrow(`Another Keystead is running on ${dataDir}`);
    expect(livePostmaster(path.join(dataDir, 'postgres'))).not.toBeNull();
    await first.stop();
  });

  it('lets one of two that begin a folder at the same moment have it', async () => {
    const both = [
      startChild('embedded.ts', { arguments: [dataDir] }),
      startChild('embedded.ts', { arguments: [dataDir] }),
    ];
    const outcomes = await Promise.allSettled(both.map((child) => child.says()));
    const winners = both.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(winners).toHaveLength(1);
    expect(refusals[0]).toContain('Another Keystead is running');
    await winners[0]?.stop();
    expect(livePostmaster(path.join(dataDir, 'postgres'))).toBeNull();
  });

  it('adopts the server of a Keystead that was killed', async () => {
    lay();
    const killed = startChild('embedded.ts', { arguments: [dataDir] });
    const { pid } = await killed.says();
    await killed.kill();
    const next = await start();
    expect(next.adopted).toBe(true);
    expect(next.pid).toBe(pid);
    await next.stop();
    expect(livePostmaster(next.folder)).toBeNull();
  });

  it('recovers what was committed when Keystead and the server were killed', async () => {
    lay();
    const killed = startChild('embedded.ts', { arguments: [dataDir] });
    const said = await killed.says();
    const connection = { host: String(said.folder), port: 5432, user: 'keystead', database: 'keystead' };
    await ask(connection, 'create table kept as select 7 as seven');
    await killed.kill();
    process.kill(Number(said.pid), 'SIGKILL');
    const next = await start();
    expect(next.adopted).toBe(false);
    expect(await ask(next.connection, 'select seven from kept')).toBe(7);
    await next.stop();
  });

  it.each(['with', 'without'])(
    'waits for a backend that outlives its killed server, %s its lock file',
    async (lockFile) => {
      lay();
      const killed = startChild('embedded.ts', { arguments: [dataDir] });
      const said = await killed.says();
      const busy = new pg.Client({ host: String(said.folder), port: 5432, user: 'keystead', database: 'keystead' });
      busy.on('error', () => undefined);
      await busy.connect();
      const sorting = busy.query('select count(*) from generate_series(1, 6000000) a').catch(() => undefined);
      await killed.kill();
      process.kill(Number(said.pid), 'SIGKILL');
      if (lockFile === 'without') rmSync(path.join(dataDir, 'postgres', 'postmaster.pid'));
      const next = await start();
      expect(await ask(next.connection, 'select 1')).toBe(1);
      await sorting;
      await next.stop();
    },
  );

  it('says that it is lost when the server dies under it', async () => {
    lay();
    const keystead = startChild('embedded.ts', { arguments: [dataDir] });
    const { pid } = await keystead.says();
    process.kill(Number(pid), 'SIGKILL');
    expect(await keystead.says()).toEqual({ lost: 'The connection that owns the embedded PostgreSQL was lost.' });
    await keystead.stop();
  });

  it('refuses a database of another major version in one sentence, and leaves it as it is', async () => {
    lay();
    const server = await start();
    await server.stop();
    writeFileSync(path.join(server.folder, 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17, and this is PostgreSQL 18: set POSTGRES_BIN/);
    expect(readFileSync(path.join(server.folder, 'PG_VERSION'), 'utf8')).toBe('17\n');
  });

  it('does not begin a database in a folder that holds something else', async () => {
    mkdirSync(path.join(dataDir, 'postgres'), { recursive: true });
    writeFileSync(path.join(dataDir, 'postgres', 'letter.txt'), 'mine');
    await expect(start()).rejects.toThrow('holds something, but no PostgreSQL database');
  });

  it('begins anew after a beginning that was cut short', async () => {
    mkdirSync(path.join(dataDir, 'postgres.half-999999999', 'base'), { recursive: true });
    const server = await start();
    expect(existsSync(path.join(dataDir, 'postgres.half-999999999'))).toBe(false);
    await server.stop();
  });

  it('starts although the number in a left-over postmaster.pid is that of another process', async () => {
    lay();
    const server = await start();
    await server.stop();
    writeFileSync(
      path.join(server.folder, 'postmaster.pid'),
      `${process.pid}\n${server.folder}\n0\n5432\n${server.folder}\n`,
    );
    const next = await start();
    expect(next.adopted).toBe(false);
    await next.stop();
  });

  it('puts its socket elsewhere when the path of the data folder is too long for one', async () => {
    const server = await start({ dataDir: path.join(home, 'a'.repeat(60), 'b'.repeat(40)) });
    expect(server.connection.host).not.toBe(server.folder);
    expect(await ask(server.connection, 'select 1')).toBe(1);
    await server.stop();
    const socket = server.connection.host ?? '';
    chmodSync(socket, 0o777);
    await expect(start({ dataDir: path.dirname(server.folder) })).rejects.toThrow('is not a private folder');
    rmSync(socket, { recursive: true });
  });

  it('says why the server does not start, and leaves nothing running', async () => {
    lay();
    const nonsense = start({ settings: { shared_preload_libraries: 'no_such_library' } });
    await expect(nonsense).rejects.toThrow('no_such_library');
    expect(livePostmaster(path.join(dataDir, 'postgres'))).toBeNull();
  });

  it('says what is wrong with POSTGRES_BIN', async () => {
    await expect(start({ postgresBin: home })).rejects.toThrow(/POSTGRES_BIN=.* holds no postgres/);
  });
});

describe.runIf(isRoot)('the embedded server, started by root', () => {
  it('runs as the account asked for', async () => {
    const server = await start();
    const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
    expect(statSync(`/proc/${server.pid}`).uid).toBe(nobody);
    await server.stop();
    await expect(start({ dataDir: path.join(home, 'other'), account: 'no-such-user' })).rejects.toThrow(
      'POSTGRES_ACCOUNT',
    );
  });

  it('lays the data where its user can go when the data folder is out of reach, and finds it there again', async () => {
    const closed = path.join(home, 'private');
    mkdirSync(closed, { mode: 0o700 });
    const roof = path.join(home, 'roof');
    const lines: string[] = [];
    const o = { dataDir: path.join(closed, 'data'), roof, log: (line: string) => lines.push(line) };
    const first = await start(o);
    expect(first.folder.startsWith(path.join(roof, 'data'))).toBe(true);
    expect(lstatSync(path.join(closed, 'data', 'postgres')).isSymbolicLink()).toBe(true);
    expect(lines.filter((line) => line.includes('The database lies in'))).toHaveLength(1);
    await ask(first.connection, 'create table kept as select 7 as seven');
    await first.stop();

    const again = await start(o);
    expect(await ask(again.connection, 'select seven from kept')).toBe(7);
    await again.stop();
    rmSync(readlinkSync(path.join(closed, 'data', 'postgres')), { recursive: true });
    await expect(start(o)).rejects.toThrow('a link to a folder that is not there');
  });

  it('takes over a folder that an ordinary user began, as that user', async () => {
    const server = await start({ account: 'daemon' });
    await server.stop();
    const later = await start({ account: 'nobody' });
    expect(statSync(`/proc/${later.pid}`).uid).toBe(Number(execFileSync('id', ['-u', 'daemon'], { encoding: 'utf8' })));
    await later.stop();
  });

  it('copies the binaries, with their links, when their user cannot enter node_modules', () => {
    const closed = path.join(home, 'private');
    mkdirSync(closed, { mode: 0o700 });
    const account = { uid: 65534, gid: 65534, name: 'nobody' };
    const packaged = path.dirname(findBinaries({ postgresBin: null, account, copies: home }).folder);
    execFileSync('cp', ['-al', path.dirname(packaged), path.join(closed, 'package')]);
    const native = path.join(closed, 'package', 'native');
    const copied = findBinaries({ postgresBin: null, account, copies: path.join(home, 'roof'), packaged: native });
    expect(copied.folder).toMatch(/roof\/postgresql-[^/]+\/native\/bin$/);
    expect(copied.major).toBe(18);
  });
});
