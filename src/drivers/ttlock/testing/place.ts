import { startTtlock, type TtlockOptions } from '../../../../simulators/ttlock/start.ts';
import { systemClock } from '../../../host/clock.ts';
import type { Instant } from '../../../rules/instant.ts';
import type { LockCommand } from '../../lock-port.ts';
import { ttlockDriver } from './ttlock-rig.ts';

export const soon = (): AbortSignal => systemClock.deadline(10_000);
/** A Friday in 2027, at 14:37 UTC. */
export const afternoon = Date.UTC(2027, 0, 15, 14, 37);
const open: { close(): Promise<void> }[] = [];

export async function closePlaces(): Promise<void> {
  for (const one of open.splice(0)) await one.close();
}

/** A lock of each kind, on a platform whose time stands until it is moved, and a driver that has not signed in yet. */
export async function place(options: TtlockOptions = {}, at: Instant = afternoon) {
  let now = at;
  const clock = { ...systemClock, now: () => now };
  const started = await startTtlock({
    clock,
    airMs: 1,
    gateways: [{ name: 'Hall' }, { name: 'Yard' }],
    locks: [
      { name: 'Front', gateway: 'Hall', autoLockSeconds: 0 },
      { name: 'Gate', gateway: 'Yard', camera: false },
      { name: 'Roof', reach: 'wifi' },
      { name: 'Cellar' },
      { name: 'Vault', gateway: 'Hall', keypad: false },
      { name: 'Bombay', gateway: 'Hall', zoneOffsetMinutes: 330 },
    ],
    ...options,
  });
  open.push(started);
  const locks = await ttlockDriver(started, clock);
  const ref = (name: string) => ({ hardwareId: String(started.idOf(name)) });
  const id = (name: string): number => started.idOf(name);
  const perform = (name: string, command: LockCommand) => locks.perform(ref(name), command, soon());
  const ahead = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { ttlock: started, locks, ref, id, perform, ahead, now: () => now };
}
