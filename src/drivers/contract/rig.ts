import type { Clock } from '../../host/clock.ts';
import type { Command, Driver, HardwareRef } from '../port.ts';
import type { FaultClass } from './faults.ts';

/**
 * What a driver brings to be tried by the contract: itself on a simulated vendor that can be troubled in every way, and
 * the truth about the relay behind it. One maker a transport; each trial starts a rig of its own.
 */
export type RigMaker = {
  /** As shown over its table. */
  name: string;
  /** What stands for a fault class that this wire does not have as such (MQTT has no status 500); shown below the table. */
  instead?: Partial<Record<FaultClass, string>>;
  /** Fault classes that cannot exist on this wire, nor anything like them, and why; shown in their cells. */
  impossible?: Partial<Record<FaultClass, string>>;
  /** After which faults nothing comes this way that can be understood, so that only a deadline ends the waiting. */
  silent?(fault: FaultClass, command: Command | null): boolean;
  /** `clock`: what the driver is to go by; where answers do not come its deadlines are short, else long. */
  start(clock: Clock): Promise<Rig>;
};

/** Where a fault strikes: everything that is asked, or switching alone while looking still works. */
export type Where = 'everything' | 'switching';

export type Rig = {
  driver: Driver;
  /** The one relay that is asked for; its vendor knows it, and it is off at first. */
  ref: HardwareRef;
  /** Whether a switch is confirmed by a read-back at once, or only accepted, its proof coming by an observation. */
  proof: 'at-once' | 'later';
  /**
   * Whether the device's own timer can be given and seen this way. Where it cannot, nothing may be switched on: it could
   * stay on for ever.
   */
  timers: boolean;
  fault(fault: Exclude<FaultClass, 'none' | 'given-up-before'> | null, where: Where): void | Promise<void>;
  relay(): RelayTruth;
  /** Somebody turns it by hand or with another app. */
  outside(change: { on: boolean; autoOffSeconds?: number }): void;
  /** Heard by the vendor since the start, answered or not. */
  requests(): { all: number; switching: number };
  /** The most requests that one call of each kind may cost: a driver tries once. */
  most: { list: number; observe: number; perform: number; switching: number };
  /** Settles when the vendor has done everything it will still do of what it has heard. */
  settled(): Promise<void>;
  /** Must never be seen in anything the driver says. */
  secrets: readonly string[];
  stop(): Promise<void>;
};

/** The relay as it is, whatever anybody was told. */
export type RelayTruth = {
  on: boolean;
  /** The device's own timer that will turn it, in seconds from its start. */
  timerSeconds: number | null;
  /** How many commands of ours had an effect on it. */
  carriedOut: number;
  /** How many of ours told it to go on without a timer. Must stay 0. */
  bareOns: number;
};
