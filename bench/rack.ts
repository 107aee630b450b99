import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A relay with many channels that answers at once and notes when it was told to switch on. Nothing of the simulator: the
 * bench shall measure the server, not the other side.
 */
export type Rack = {
  id: string;
  address: string;
  /** Settles with `performance.now()` of the next switch-on of this channel. */
  switchedOn(channel: number): Promise<number>;
  close(): Promise<void>;
};

type Call = { id: number; method: string; params: { id?: number; on?: boolean; toggle_after?: number } };

export async function openRack(name: string, channels = 64): Promise<Rack> {
  const id = `shellybench-${name}`;
  const on = new Map<number, { at: number; seconds: number }>();
  const waiting = new Map<number, (at: number) => void>();
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const call = JSON.parse(Buffer.concat(parts).toString('utf8')) as Call;
      const body = JSON.stringify({ id: call.id, src: id, result: answer(call) });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  });

  function answer({ method, params }: Call): unknown {
    const channel = params.id ?? 0;
    if (method === 'Shelly.GetDeviceInfo') return { id, app: 'Bench', ver: '1.0.0', auth_en: false };
    if (method === 'Switch.Set') {
      const before = on.has(channel);
      if (params.on === true) {
        on.set(channel, { at: Date.now() / 1000, seconds: params.toggle_after ?? 0 });
        waiting.get(channel)?.(performance.now());
        waiting.delete(channel);
      } else on.delete(channel);
      return { was_on: before };
    }
    if (method === 'Switch.GetStatus') return status(channel);
    return Object.fromEntries(Array.from({ length: channels }, (_, one) => [`switch:${one}`, status(one)]));
  }

  function status(channel: number) {
    const since = on.get(channel);
    const timer = since === undefined ? {} : { timer_started_at: since.at, timer_duration: since.seconds };
    return { id: channel, source: 'HTTP_in', output: since !== undefined, apower: 100, ...timer };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    id,
    address: `127.0.0.1:${port}`,
    switchedOn: (channel) => new Promise((resolve) => waiting.set(channel, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
