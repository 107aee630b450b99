/** What of a device's relays has changed since it was last told: NotifyStatus carries no more than that. */
import type { Device } from './device.ts';
import { switchStatus } from './shapes.ts';

export function createChanges(device: Device) {
  const told = new Map<number, string>();
  const stateOf = (channel: number): string => {
    const relay = device.record.relays[channel];
    return JSON.stringify([relay?.output, relay?.timerStartedAt, relay?.timerDuration, relay?.source]);
  };
  return {
    /** The params of a NotifyStatus; null: nothing has changed. */
    next(): Record<string, unknown> | null {
      device.settle();
      const changed = device.record.relays.filter(({ channel }) => told.get(channel) !== stateOf(channel));
      for (const { channel } of changed) told.set(channel, stateOf(channel));
      if (changed.length === 0) return null;
      const statuses = changed.map((relay) => {
        const { id, output, source, timer_started_at, timer_duration, apower } = switchStatus(device, relay);
        const timer = timer_started_at === undefined ? {} : { timer_started_at, timer_duration };
        return [`switch:${relay.channel}`, { id, output, source, ...timer, apower }] as const;
      });
      return { ts: device.now() / 1000, ...Object.fromEntries(statuses) };
    },
    /** All that is so now has been told otherwise. */
    all(): void {
      for (const { channel } of device.record.relays) told.set(channel, stateOf(channel));
    },
  };
}
