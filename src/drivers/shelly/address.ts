import type { Clock } from '../../host/clock.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Command, HardwareRef } from '../port.ts';
import type { Channels, DeviceIdentity, Dialect, Identity, Saw } from './dialect.ts';
import type { Reading, SetAnswer, Trouble } from './judge.ts';

/**
 * One address (on the network, on a broker, or a socket) and what was last seen behind it. Addresses change owners (DHCP,
 * a swapped relay), so what is known here, the generation too, is only a memory: whoever switches asks first whether it is
 * fresh, and every answer that names its device is compared with it.
 */
export type ShellyAddress = {
  readonly text: string;
  /** How a device names the way that we switch it by. */
  readonly ourWay: RegExp;
  /** The device last seen here, if any. */
  hardwareId(): string | null;
  /** Whether the device here has told its id within the last seconds. */
  isFresh(): boolean;
  /** When it last did; 0: not to be relied on. */
  seenAt(): Instant;
  /** Asks who is here (needs no password). */
  identify(signal: AbortSignal): Promise<Identity>;
  set(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<SetAnswer>;
  read(ref: HardwareRef, signal: AbortSignal): Promise<Reading>;
  /** The relay channels of the device here; remembers them. */
  channels(signal: AbortSignal): Promise<Channels | Trouble>;
  /** What was last known: for showing a device that does not answer now. Not `counted`: its channels are a guess. */
  remembered(): { info: DeviceIdentity; channels: number[]; counted: boolean } | null;
};

const freshMilliseconds = 5000;

export function createShellyAddress(o: {
  address: string;
  ourWay: RegExp;
  clock: Clock;
  /** How devices of generation 2 and later are spoken to here. */
  newer: (saw: Saw) => Dialect;
  /** How those of generation 1 are, where they can be here. `showsPassword`: it would be told it in the open. */
  older?: { dialect: (saw: Saw) => Dialect; showsPassword: boolean };
}): ShellyAddress {
  let id: string | null = null;
  let seenAt: Instant = 0;
  let info: DeviceIdentity | null = null;
  let channels: number[] | null = null;

  const newer = o.newer(saw);
  const older = o.older?.dialect(saw);
  let dialect: Dialect = newer;
  /** A newer device lived here, which was never told the password itself. */
  let keptSecret = false;

  /** Every good answer is also a sign of who lives here. */
  function saw(device: string): void {
    if (device !== id) {
      info = null;
      channels = null;
    }
    id = device;
    seenAt = o.clock.now();
  }

  /** Of the generation last seen here first; of the other when that one is not spoken. */
  async function identify(signal: AbortSignal): Promise<Identity> {
    const first = await dialect.identify(signal);
    if (dialect === newer && first.kind === 'device') keptSecret = o.older?.showsPassword === true;
    if (first.kind !== 'other-generation') return first;
    const other = dialect === newer ? older : newer;
    const second = await other?.identify(signal);
    if (other === undefined || second === undefined || second.kind === 'other-generation') return first.trouble;
    if (second.kind === 'trouble') return second;
    if (other === older && keptSecret) {
      const detail = `${o.address} is an older device now, which would be given the password in the open: save the connection again if that is right`;
      return { kind: 'trouble', reason: 'credentials', detail };
    }
    dialect = other;
    return second;
  }

  return {
    text: o.address,
    ourWay: o.ourWay,
    hardwareId: () => id,
    isFresh: () => {
      const age = o.clock.now() - seenAt;
      return id !== null && age >= 0 && age < freshMilliseconds;
    },
    seenAt: () => seenAt,
    remembered: () => (info === null ? null : { info, channels: channels ?? [0], counted: channels !== null }),

    identify: async (signal) => {
      const identity = await identify(signal);
      if (identity.kind === 'device') info = { ...identity.info, name: identity.info.name ?? info?.name ?? null };
      return identity;
    },

    set: async (ref, command, signal) => {
      const said = await dialect.set(ref, command, signal);
      if (said.kind === 'refused' && said.reason !== 'not-found') seenAt = 0;
      return said;
    },

    read: (ref, signal) => dialect.read(ref, signal),

    channels: async (signal) => {
      const found = await dialect.channels(signal);
      if (found.kind === 'trouble') return found;
      channels = found.channels;
      if (info !== null && found.name !== null) info = { ...info, name: found.name };
      return found;
    },
  };
}
