import type { Command, HardwareRef } from '../port.ts';
import type { Reading, SetAnswer, Trouble } from './judge.ts';

/**
 * How the devices of one generation are spoken to at one address: gen1-dialect.ts, gen2-dialect.ts. Each call says by
 * `saw` who answered, where the answer names its device.
 */
export type Dialect = {
  /** Asks who is here; needs no password, and gives none. */
  identify(signal: AbortSignal): Promise<Identity | OtherGeneration>;
  set(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<SetAnswer>;
  read(ref: HardwareRef, signal: AbortSignal): Promise<Reading>;
  /** The relay channels of the device here, and its name where it tells it with them. */
  channels(signal: AbortSignal): Promise<Channels | Trouble>;
};

export type DeviceIdentity = { id: string; name: string | null; model: string | null; firmware: string | null };
export type Identity = { kind: 'device'; info: DeviceIdentity } | Trouble;
/** What answers here does not speak this dialect; perhaps it speaks the other. */
export type OtherGeneration = { kind: 'other-generation'; trouble: Trouble };
export type Channels = { kind: 'channels'; channels: number[]; name: string | null };
export type Saw = (deviceId: string) => void;
