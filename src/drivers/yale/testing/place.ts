import { startYale, type YaleOptions } from '../../../../simulators/yale/start.ts';
import { systemClock } from '../../../host/clock.ts';
import type { Instant } from '../../../rules/instant.ts';
import type { LockCommand } from '../../lock-port.ts';
import { accountAt, locksOf, yaleDriver } from './yale-rig.ts';

export const soon = (): AbortSignal => systemClock.deadline(10_000);
/** A Friday in 2027, at 14:37 UTC. */
const afternoon = Date.UTC(2027, 0, 15, 14, 37);
const open: { close(): Promise<void> }[] = [];

export async function closePlaces(): Promise<void> {
  for (const one of open.splice(0)) await one.close();
}

/** A lock of each kind, in a cloud whose time stands until it is moved, and a driver that has not signed in yet. */
export async function place(
  options: YaleOptions & { way?: Parameters<typeof accountAt>[1]; family?: 'august' | 'yale' } = {},
  at: Instant = afternoon,
) {
  let now = at;
  const clock = { ...systemClock, now: () => now };
  const yale = await startYale({
    clock,
    airMs: 1,
    silentMs: 20,
    bridges: [{ name: 'Hall' }],
    locks: [
      { name: 'Front', bridge: 'Hall', doorSensor: true },
      { name: 'Old', bridge: 'Hall', type: 1 },
      { name: 'Cellar' },
      { name: 'Vault', bridge: 'Hall', keypad: false },
      { name: 'Neighbour', bridge: 'Hall', role: 'user' },
    ],
    ...options,
  });
  open.push(yale);
  const driver = await yaleDriver(accountAt(yale, options.way ?? 'password', options.family), clock);
  const locks = locksOf(driver);
  const id = (name: string): string => yale.idOf(name);
  const ref = (name: string) => ({ hardwareId: id(name) });
  const perform = (name: string, command: LockCommand) => locks.perform(ref(name), command, soon());
  const ahead = (milliseconds: number): void => {
    now += milliseconds;
  };
  const [bridgeId = ''] = yale.bridges().map((bridge) => bridge.bridgeId);
  const asked = (path: string): number => yale.requests().filter((one) => one.path === path).length;
  return { yale, driver, locks, ref, id, perform, ahead, now: () => now, bridgeId, asked };
}
