/**
 * What the simulated Shelly Cloud believes of each device: a picture that devices renew when something changes, and that
 * may lag or stand still. Nothing else is shown to whoever asks the cloud.
 */
import type { Device } from './device.ts';
import { gen1Identity, gen1Settings, gen1Status } from './gen1-shapes.ts';
import { deviceInfo, fullConfig, fullStatus } from './shapes.ts';

export type PictureLag = number | 'frozen'; // milliseconds

export type Pictures = {
  /** The device as the cloud shows it: `status` as of its last report. */
  of(device: Device): { online: boolean; status: Record<string, unknown> };
  setLag(lag: PictureLag): void;
};

type Picture = { key: string; status: Record<string, unknown>; updatedAt: number };

export function createPictures(): Pictures {
  const known = new Map<Device, Picture>();
  let lag: PictureLag = 0;

  function look(device: Device): Picture {
    device.settle();
    const before = known.get(device);
    const key = keyOf(device);
    if (before?.key === key) return before;
    const reported = Math.max(changedAt(device), device.record.bootedAt) + (lag === 'frozen' ? 0 : lag);
    const late = lag === 'frozen' || reported > device.now();
    if (before !== undefined && (late || device.record.fault === 'offline')) return before;
    const updatedAt = before !== undefined && reported <= before.updatedAt ? device.now() : reported;
    const picture = { key, status: statusOf(device), updatedAt };
    known.set(device, picture);
    return picture;
  }

  return {
    of(device) {
      const { status, updatedAt } = look(device);
      const _updated = new Date(updatedAt).toISOString().slice(0, 19).replace('T', ' ');
      return { online: device.record.fault !== 'offline', status: { ...status, id: cloudId(device), _updated } };
    },
    setLag(next) {
      for (const device of known.keys()) look(device);
      lag = next;
    },
  };
}

export function cloudId(device: Device): string {
  return device.record.id.split('-').at(-1) ?? device.record.id;
}

export function cloudCode(device: Device): { code: string; gen: string } {
  if (device.record.generation === 1) return { code: String(gen1Identity(device).type), gen: 'G1' };
  return { code: String(deviceInfo(device).model), gen: 'G2' };
}

export function cloudSettings(device: Device): Record<string, unknown> {
  return device.record.generation === 1 ? gen1Settings(device) : fullConfig(device);
}

function statusOf(device: Device): Record<string, unknown> {
  return device.record.generation === 1 ? gen1Status(device) : fullStatus(device);
}

function keyOf({ record }: Device): string {
  const relays = record.relays.map(({ output, timerStartedAt, timerDuration }) => [
    output,
    timerStartedAt,
    timerDuration,
  ]);
  return JSON.stringify([relays, record.watts, record.mode]);
}

function changedAt({ record }: Device): number {
  return Math.max(...record.relays.map(({ since, timerStartedAt }) => Math.max(since, timerStartedAt ?? 0)));
}
