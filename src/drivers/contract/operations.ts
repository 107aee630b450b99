import type { Capabilities, Command, Driver, Hardware, HardwareRef, Observation, Outcome } from '../port.ts';
import type { Failed } from './results.ts';
import type { Where } from './rig.ts';

/** How the relay was before: off; turned on by hand, without a timer; on by a command with another timer than ours. */
export type Before = 'off' | 'on-by-hand' | 'on-with-another-timer';

/** What one call gave, or threw. */
export type Result =
  | { kind: 'listed'; hardware: Hardware[] }
  | { kind: 'described'; capabilities: Capabilities }
  | { kind: 'observed'; observation: Observation }
  | { kind: 'ended'; outcome: Outcome }
  | Failed;

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
