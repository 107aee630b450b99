/** A device on a broker: JSON-RPC and notifications of Gen2, or the topics of Gen1. */
import mqtt, { type MqttClient } from 'mqtt';
import { createChanges } from './changes.ts';
import type { Device } from './device.ts';
import { createFrameServer, type WayDeps } from './frame-server.ts';
import { createGen1Topics } from './gen1-topics.ts';
import { fullStatus } from './shapes.ts';

export type BrokerSeat = { url: string; username?: string; password?: string; gen?: 1 | 2; topic?: string };
/** A way of a device to the world besides its own address. */
export type Wire = {
  /** Time passes: tells what has changed, goes and comes back. */
  tick(): void;
  close(): Promise<void>;
};

export function joinBroker(device: Device, seat: BrokerSeat, o: WayDeps): Wire {
  const frames = createFrameServer(device, 'MQTT', o);
  const changes = createChanges(device);
  const { id } = device.record;
  const old = (seat.gen ?? device.record.generation) === 1;
  const prefix = old ? `shellies/${id}` : (seat.topic ?? id);
  const topics = createGen1Topics(device, (topic, text) => void client?.publish(topic, text), hangUp, o);
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
      if (old) topics.announce();
      else notify('NotifyFullStatus', { ts: device.now() / 1000, ...fullStatus(device) });
      changes.all();
    });
    dialled.on('message', (topic, payload) => {
      if (old) void topics.handle(topic, payload.toString());
      else void frames.handle(payload.toString(), (to, text) => dialled.publish(`${to}/rpc`, text), hangUp);
    });
  }

  const notify = (method: string, params: object): void =>
    void client?.publish(`${prefix}/events/rpc`, JSON.stringify({ src: id, dst: `${prefix}/events`, method, params }));

  /** Without a farewell: the broker says that it is gone. */
  function hangUp(): void {
    client?.stream.destroy();
  }

  dial();
  return {
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
      if (old) topics.update();
      else notify('NotifyStatus', params);
    },
    close: async () => {
      await client?.endAsync(true);
    },
  };
}
