/** A device that dials a server (Ws.SetConfig) and is spoken to through its own socket; it comes back when it is cut off. */
import { WebSocket } from 'ws';
import { createChanges } from './changes.ts';
import type { Device } from './device.ts';
import { createFrameServer, type WayDeps } from './frame-server.ts';
import type { Wire } from './mqtt-wire.ts';
import { fullStatus } from './shapes.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

/** `url` is asked for at each try: a device may be told another one. */
export function dialServer(device: Device, url: () => string, realNow: () => number, o: WayDeps): Wire {
  const frames = createFrameServer(device, 'WS_out', o);
  const changes = createChanges(device);
  const { id } = device.record;
  let socket: WebSocket | null = null;
  let pause = FIRST_PAUSE_MS;
  let next = 0;
  let closed = false;

  function dial(): void {
    const dialled = new WebSocket(url(), { perMessageDeflate: false, handshakeTimeout: 3000 });
    socket = dialled;
    const say = (method: string, params: object) =>
      dialled.send(JSON.stringify({ src: id, dst: 'ws', method, params }));
    dialled.on('open', () => {
      pause = FIRST_PAUSE_MS;
      say('NotifyFullStatus', { ts: device.now() / 1000, ...fullStatus(device) });
      changes.all();
    });
    dialled.on('message', (data: Buffer) => {
      const answer = (_: string, text: string) => dialled.readyState === WebSocket.OPEN && dialled.send(text);
      void frames.handle(data.toString('utf8'), answer, () => dialled.terminate());
    });
    dialled.on('error', () => undefined);
    dialled.on('close', () => {
      if (socket === dialled) socket = null;
      next = realNow() + pause;
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    });
  }

  return {
    tick() {
      if (device.record.fault === 'offline') return socket?.terminate();
      if (socket === null && !closed && realNow() >= next) dial();
      if (socket?.readyState !== WebSocket.OPEN) return;
      const params = changes.next();
      if (params !== null) socket.send(JSON.stringify({ src: id, dst: 'ws', method: 'NotifyStatus', params }));
    },
    close: async () => {
      closed = true;
      socket?.terminate();
    },
  };
}
