/** A device on a broker: JSON-RPC and notifications of Gen2, or the topics of Gen1. */
import mqtt, { type MqttClient } from 'mqtt';
import { createChanges } from './changes.ts';
import type { Device } from './device.ts';
import { createFrameServer, type FrameServer } from './frame-server.ts';
import { call } from './methods.ts';
import { fullStatus } from './shapes.ts';

export type BrokerSeat = { url: string; username?: string; password?: string; gen?: 1 | 2; topic?: string };
/** A way of a device to the world besides its own address. */
export type Wire = {
  frames: FrameServer;
  /** Time passes: tells what has changed, goes and comes back. */
  tick(): void;
  close(): Promise<void>;
};

export function joinBroker(device: Device, seat: BrokerSeat, slowMs: number): Wire {
  const frames = createFrameServer(device, slowMs);
  const changes = createChanges(device);
  const { id } = device.record;
  const old = seat.gen === 1;
  const prefix = old ? `shellies/${id}` : (seat.topic ?? id);
  let client: MqttClient | null = null;

  function dial(): void {
    const dialled = mqtt.connect(seat.url, {
      clientId: id,
      protocolVersion: 4,
      reconnectPeriod: 200,
      keepalive: 20,
      will: { topic: `${prefix}/online`, payload: Buffer.from('false'), qos: 0, retain: true },
      ...(seat.username === undefined ? {} : { username: seat.username }),
      ...(seat.password === undefined ? {} : { password: seat.password }),
    });
    client = dialled;
    dialled.on('error', () => undefined);
    dialled.on('connect', () => {
      dialled.subscribe(
        old ? ['shellies/command', `${prefix}/command`, `${prefix}/relay/+/command`] : [`${prefix}/rpc`],
      );
      dialled.publish(`${prefix}/online`, 'true', { retain: true });
      if (old) announce();
      else notify('NotifyFullStatus', { ts: device.now() / 1000, ...fullStatus(device) });
      changes.all();
    });
    dialled.on('message', (topic, payload) => {
      if (old) command(topic, payload.toString());
      else void frames.handle(payload.toString(), (to, text) => dialled.publish(`${to}/rpc`, text), hangUp);
    });
  }

  const notify = (method: string, params: object): void =>
    void client?.publish(`${prefix}/events/rpc`, JSON.stringify({ src: id, dst: `${prefix}/events`, method, params }));

  const announce = (): void =>
    void client?.publish('shellies/announce', JSON.stringify({ id, model: 'SHPLG-S', mac: id, fw_ver: '1.14.0' }));

  /** Gen1: the state of its relays. */
  function update(): void {
    device.settle();
    for (const relay of device.record.relays) {
      client?.publish(`${prefix}/relay/${relay.channel}`, relay.output ? 'on' : 'off');
      client?.publish(`${prefix}/relay/${relay.channel}/power`, device.watts(relay.channel).toFixed(2));
    }
  }

  function command(topic: string, text: string): void {
    if (device.record.fault === 'offline' || frames.fault === 'silent-before') return;
    const channel = /\/relay\/(\d+)\/command$/.exec(topic)?.[1];
    if (channel !== undefined && /^(on|off)$/.test(text))
      call(device, 'Switch.Set', { id: Number(channel), on: text === 'on' });
    if (channel === undefined && text === 'announce') announce();
    if (channel === undefined && text === 'update') update();
  }

  /** Without a farewell: the broker says that it is gone. */
  function hangUp(): void {
    client?.stream.destroy();
  }

  dial();
  return {
    frames,
    tick() {
      if (device.record.fault === 'offline') {
        const gone = client;
        client = null;
        gone?.stream.destroy();
        gone?.end(true);
        return;
      }
      if (client === null) dial();
      if (client?.connected !== true) return;
      const params = changes.next();
      if (params === null) return;
      if (old) update();
      else notify('NotifyStatus', params);
    },
    close: async () => {
      await client?.endAsync(true);
    },
  };
}
