import type { Command, HardwareRef, Outcome } from '../port.ts';
import type { ShellyAddress } from './address.ts';
import { judge } from './judge.ts';

/**
 * One switch, whatever way leads to the device (HTTP, broker, socket): sent once, with the device's own timer, and read
 * back. Callers have made sure that the device behind the address is the one that is meant.
 */
export async function performAt(
  address: ShellyAddress,
  ref: HardwareRef,
  command: Command,
  signal: AbortSignal,
): Promise<Outcome> {
  const said = await address.set(ref, command, signal);
  return said.kind === 'refused' ? said : judge(command, said, await address.read(ref, signal), address.ourWay);
}
