import { createServer } from 'node:net';

/** Below those from which a system takes the ports of its outgoing connections: no connection comes to be in the way. */
const [lowest, highest] = [12_000, 32_000] as const;
/** Files that run side by side draw from shares of their own. The first one: whoever runs outside of vitest's workers. */
const shares = 8;
const width = (highest - lowest) / shares;
const drawn = new Set<number>();

/**
 * A port that nobody listens on, for a server that has to know its port before it listens: its address stands in what it
 * is told at its start, and it comes back to it after a crash. None is drawn twice by one worker, and none by two at once,
 * so between this look and the server that listens nobody of this run takes it. Everything else listens on 0.
 */
export async function freePort(): Promise<number> {
  const share = Number(process.env.VITEST_POOL_ID ?? 0) % shares;
  for (;;) {
    const port = lowest + share * width + Math.floor(Math.random() * width);
    if (drawn.has(port)) continue;
    drawn.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
