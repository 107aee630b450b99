import type pg from 'pg';
import type { Clock } from '../../host/clock.ts';
import { ownerOf, ownName, serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { claim } from './claim.ts';
import { makeCluster, placeData } from './data-folder.ts';
import { forgetStaleLocks, livePostmaster, type Postmaster, socketFolder, startPostmaster } from './postmaster.ts';
import { isAlive, isCode } from './whole.ts';

/**
 * The embedded PostgreSQL: a real server, child of this process, for one data folder. It starts, adopts, watches and stops
 * it. It must never touch a server that another Keystead owns, nor begin a database anew where one should be.
 */
export type Embedded = {
  connection: pg.ClientConfig;
  /** True when a server left behind by a killed Keystead was taken over. */
  adopted: boolean;
  pid: number;
  /** Where the data lies. */
  folder: string;
  /** Settles when the server, or the connection that owns it, is gone without `stop`: the process must end then. */
  lost: Promise<Error>;
  /** Stops the server and waits until it has; may be called again. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  dataDir: string;
  /** A folder that holds initdb and postgres; null for the packaged ones. */
  postgresBin: string | null;
  /** The user that runs the server when Keystead is root. */
  account: string;
  clock: Clock;
  log?: (line: string) => void;
  /** Where root puts what the server's user could not reach otherwise. */
  roof?: string;
  /** Settings of PostgreSQL; tests that need no safety from power cuts are faster without. */
  settings?: Readonly<Record<string, string>>;
};

const grace = 3000; // for a connection of a killed owner to be noticed
const patience = 15_000; // for old backends to leave, and for a start without a sign of life
const recovery = 600_000; // a start that says it is recovering may take long on a slow card

export async function startEmbedded(o: EmbeddedOptions): Promise<Embedded> {
  if (process.platform === 'win32')
    throw new Error('The embedded PostgreSQL does not run on Windows: set DATABASE_URL.');
  const log = o.log ?? (() => undefined);
  const roof = o.roof ?? '/var/lib/keystead';
  const user = ownName();
  const wanted = serverAccount(o.account);
  const folder = placeData(o.dataDir, wanted, roof, log);
  const account = ownerOf(folder, wanted);
  const binaries = findBinaries({ postgresBin: o.postgresBin, account, copies: account === null ? o.dataDir : roof });
  makeCluster(folder, binaries, account);
  const socket = livePostmaster(folder)?.socket || socketFolder(folder, account);
  const connection = { host: socket, port: 5432, user: 'keystead', database: 'keystead', ssl: false };

  const started: Postmaster[] = []; // the last one counts: each begins after the one before has ended
  try {
    const owner = await own();
    const live = livePostmaster(folder);
    if (live === null) {
      await owner.end();
      throw new Error(`A PostgreSQL answers for ${folder}, but runs where this process cannot see it.`);
    }
    return await watch(o, {
      owner,
      connection,
      folder,
      pid: live.pid,
      adopted: started.at(-1)?.child.pid !== live.pid,
    });
  } catch (error) {
    const live = livePostmaster(folder);
    if (live !== null && started.at(-1)?.child.pid === live.pid) await stopPostmaster(o.clock, folder, live.pid);
    throw error;
  }

  /** Asks whoever answers, starts a server when nobody does, and comes back with the owner's lock. */
  async function own(): Promise<pg.Client> {
    const began = o.clock.now();
    let takenSince: number | null = null;
    for (;;) {
      const answer = await claim(connection);
      const waited = o.clock.now() - began;
      if (answer.kind === 'mine') return answer.owner;
      if (answer.kind === 'taken') {
        takenSince ??= o.clock.now();
        if (o.clock.now() - takenSince > grace) throw anotherKeystead();
      } else {
        takenSince = null;
        if (answer.kind === 'down' && started.at(-1)?.running() !== true && livePostmaster(folder) === null) start();
        if (waited > (answer.kind === 'starting' ? recovery : patience))
          throw didNotStart('reason' in answer ? answer.reason : 'it is still recovering');
      }
      await o.clock.sleep(25);
    }
  }

  /** Again and again while what is in the way may pass: old backends, or a process with the number of an old server. */
  function start(): void {
    const before = started.at(-1)?.tail() ?? '';
    if (/lock file ".*" already exists/.test(before)) forgetStaleLocks(folder, socket);
    else if (before !== '' && !before.includes('pre-existing shared memory block'))
      throw didNotStart('it ended at once');
    started.push(startPostmaster({ binaries, folder, socket, account, user, settings: o.settings ?? {}, log }));
  }

  function anotherKeystead(): Error {
    started.length = 0; // what it started, if anything, is the other's now
    return new Error(
      `Another Keystead is running on ${o.dataDir}: stop it first, or give this one a DATA_DIR of its own.`,
    );
  }

  function didNotStart(reason: string): Error {
    return new Error(`PostgreSQL did not start on ${folder}: ${reason}\n${started.at(-1)?.tail() ?? ''}`.trim());
  }
}

type Owned = { owner: pg.Client; connection: pg.ClientConfig; folder: string; pid: number; adopted: boolean };

async function watch(o: EmbeddedOptions, owned: Owned): Promise<Embedded> {
  const { owner, connection, folder, pid, adopted } = owned;
  let stopping: Promise<void> | null = null;
  const lost = new Promise<Error>((resolve) => {
    owner.once('end', () => {
      if (stopping === null) resolve(new Error('The connection that owns the embedded PostgreSQL was lost.'));
    });
  });
  const exists = await owner.query("select from pg_database where datname = 'keystead'");
  if (exists.rowCount === 0) await owner.query('create database keystead');
  const end = async () => {
    await owner.end().catch(() => undefined);
    await stopPostmaster(o.clock, folder, pid);
  };
  return { connection, adopted, pid, folder, lost, stop: () => (stopping ??= end()) };
}

/** Fast: open transactions are rolled back, then a checkpoint. After half a minute: at once, to be recovered next time. */
async function stopPostmaster(clock: Clock, folder: string, pid: number): Promise<void> {
  for (const [signal, milliseconds] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 5000],
  ] as const) {
    if (livePostmaster(folder)?.pid !== pid) return;
    signalProcess(pid, signal);
    if (await within(clock, milliseconds, () => livePostmaster(folder)?.pid !== pid)) break;
  }
  await within(clock, 1000, () => !isAlive(pid)); // its file goes a moment before it does
}

async function within(clock: Clock, milliseconds: number, come: () => boolean): Promise<boolean> {
  for (const until = clock.now() + milliseconds; clock.now() < until; await clock.sleep(10)) if (come()) return true;
  return false;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error;
  }
}
