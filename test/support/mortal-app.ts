import { Socket } from 'node:net';
import type pg from 'pg';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import type { Clock } from '../../src/host/clock.ts';
import { createLog } from '../../src/host/log.ts';

/** Where in a commit the process ends: before it is sent, after it was sent and before it is answered, when it was answered. */
export type Moment = 'before' | 'sent' | 'answered';

/**
 * A server in this process that can die as by kill -9: from one moment to the next all its sockets are closed, nothing
 * that it asked is answered, and nothing it still tries has any effect. What it leaves is what the database and the vendors hold.
 */
export type MortalApp = {
  app: App;
  /** It dies at its n-th commit from now. */
  dieAt(commit: number, moment: Moment): void;
  kill(): void;
  dead(): boolean;
  /** Settles when it has died. */
  died: Promise<void>;
  /** The orderly end. */
  close(): Promise<void>;
};

/** `complain`: hears what it logs as an error while it lives. */
export async function startMortalApp(
  o: Omit<AppOptions, 'log'> & { port: number; complain: (line: string) => void },
): Promise<MortalApp> {
  const sockets = new Set<MortalSocket>();
  const repeats = new Set<{ stop(): void }>();
  const ending = new AbortController();
  const died = Promise.withResolvers<void>();
  let armed: { left: number; moment: Moment } | null = null;

  /** True when this is the commit to die at. */
  function counts(): Moment | null {
    if (armed === null) return null;
    armed.left -= 1;
    if (armed.left > 0) return null;
    const { moment } = armed;
    armed = null;
    return moment;
  }

  function socket(): Socket {
    const one = new MortalSocket(() => (ending.signal.aborted ? null : counts()), kill);
    if (ending.signal.aborted) one.silence();
    sockets.add(one);
    one.once('close', () => sockets.delete(one));
    return one;
  }

  const connection: pg.ClientConfig = { ...o.connection, stream: socket };
  const log = createLog('error', { write: (line) => void (ending.signal.aborted || o.complain(line)) });
  const app = await createApp({ ...o, log, connection, clock: mortalClock(o.clock, ending.signal, repeats) });
  const engine = await app.startEngine();
  await app.server.listen({ port: o.port, host: '127.0.0.1' });

  function kill(): void {
    if (ending.signal.aborted) return;
    ending.abort();
    died.resolve();
    for (const one of repeats) one.stop();
    for (const one of sockets) one.die();
    app.server.server.close();
    app.server.server.closeAllConnections();
  }

  return {
    app,
    dieAt: (commit, moment) => {
      armed = { left: commit, moment };
    },
    kill,
    dead: () => ending.signal.aborted,
    died: died.promise,
    async close() {
      await app.server.close();
      await engine.stop();
      await app.close();
    },
  };
}

/** A connection to the database that tells of commits. */
class MortalSocket extends Socket {
  private readonly counts: () => Moment | null;
  private readonly kill: () => void;
  private dead = false;

  constructor(counts: () => Moment | null, kill: () => void) {
    super();
    this.counts = counts;
    this.kill = kill;
  }

  /** Never connects, and says nothing: who would ask is dead. */
  silence(): void {
    this.dead = true;
  }

  /** The other side sees it closed; on this side nobody lives to hear of it: what was asked is never answered. */
  die(): void {
    this.dead = true;
    this.removeAllListeners();
    this.on('error', () => undefined);
    this.destroy();
  }

  override connect(...all: unknown[]): this {
    if (this.dead) return this;
    (super.connect as (...all: unknown[]) => this).apply(this, all);
    this.write = (...what: unknown[]) => this.watched(what); // connect() puts a socket's own write in its place
    return this;
  }

  private watched(all: unknown[]): boolean {
    if (this.dead) return true;
    const [chunk] = all;
    const moment = chunk instanceof Uint8Array && Buffer.from(chunk).includes('commit\0') ? this.counts() : null;
    if (moment === 'before') {
      this.kill();
      return true;
    }
    if (moment === 'answered') this.prependOnceListener('data', this.kill);
    const written = (super.write as (...all: unknown[]) => boolean).apply(this, all);
    if (moment === 'sent') setImmediate(this.kill);
    return written;
  }
}

/** Time as the dead know it: no wait ends, nothing is called back, every deadline is over. */
function mortalClock(clock: Clock, ended: AbortSignal, repeats: Set<{ stop(): void }>): Clock {
  return {
    now: clock.now,
    sleep: async (milliseconds, signal) => {
      await clock.sleep(milliseconds, signal);
      if (ended.aborted) await new Promise(() => undefined);
    },
    every(milliseconds, call) {
      const one = clock.every(milliseconds, call);
      repeats.add(one);
      return {
        stop() {
          repeats.delete(one);
          one.stop();
        },
      };
    },
    deadline: (milliseconds, parent) => AbortSignal.any([clock.deadline(milliseconds, parent), ended]),
  };
}
