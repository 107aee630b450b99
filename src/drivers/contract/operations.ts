import {
  type Capabilities,
  type Command,
  type Driver,
  type Hardware,
  type HardwareRef,
  type Observation,
  type Outcome,
  VendorFault,
} from '../port.ts';
import type { Where } from './rig.ts';

/** How the relay was before: off; turned on by hand, without a timer; on by a command with another timer than ours. */
export type Before = 'off' | 'on-by-hand' | 'on-with-another-timer';

/** What one call gave, or threw. */
export type Result =
  | { kind: 'listed'; hardware: Hardware[] }
  | { kind: 'described'; capabilities: Capabilities }
  | { kind: 'observed'; observation: Observation }
  | { kind: 'ended'; outcome: Outcome }
  | { kind: 'vendor-fault'; fault: VendorFault }
  | { kind: 'threw'; error: unknown };

export type Operation = {
  name: string;
  /** What its requests are counted against in `Rig.most`; null: it must ask nobody. */
  costs: 'list' | 'observe' | 'perform' | null;
  command: Command | null;
  befores: readonly Before[];
  wheres: readonly Where[];
  call(driver: Driver, ref: HardwareRef, signal: AbortSignal): Promise<Result>;
};

export const anotherTimerSeconds = 1800;

const perform = (name: string, command: Command, befores: readonly Before[]): Operation => ({
  name,
  costs: 'perform',
  command,
  befores,
  wheres: ['everything', 'switching'],
  call: async (driver, ref, signal) => ({ kind: 'ended', outcome: await driver.perform(ref, command, signal) }),
});

export const operations: readonly Operation[] = [
  {
    name: 'list',
    costs: 'list',
    command: null,
    befores: ['off'],
    wheres: ['everything'],
    call: async (driver, _, signal) => ({ kind: 'listed', hardware: await driver.list(signal) }),
  },
  {
    name: 'describe',
    costs: null,
    command: null,
    befores: ['off'],
    wheres: ['everything'],
    call: async (driver, ref) => ({ kind: 'described', capabilities: driver.describe(ref) }),
  },
  {
    name: 'observe',
    costs: 'observe',
    command: null,
    befores: ['off', 'on-by-hand', 'on-with-another-timer'],
    wheres: ['everything'],
    call: async (driver, ref, signal) => ({ kind: 'observed', observation: await driver.observe(ref, signal) }),
  },
  perform('switch-on', { kind: 'switch-on', autoOffSeconds: 600 }, ['off', 'on-by-hand', 'on-with-another-timer']),
  perform('switch-off', { kind: 'switch-off' }, ['off', 'on-by-hand', 'on-with-another-timer']),
];

/** Calls, and makes a value of whatever is thrown. */
export async function tried(
  operation: Operation,
  driver: Driver,
  ref: HardwareRef,
  signal: AbortSignal,
): Promise<Result> {
  try {
    return await operation.call(driver, ref, signal);
  } catch (error) {
    return error instanceof VendorFault ? { kind: 'vendor-fault', fault: error } : { kind: 'threw', error };
  }
}

/** The word in the cell. */
export function wordOf(result: Result): string {
  switch (result.kind) {
    case 'ended':
      return result.outcome.kind === 'refused' ? `refused:${result.outcome.reason}` : result.outcome.kind;
    case 'observed':
      return result.observation.kind === 'relay' ? 'seen' : `unreachable:${result.observation.reason ?? 'unreachable'}`;
    case 'vendor-fault':
      return `fault:${result.fault.reason}`;
    default:
      return result.kind;
  }
}
