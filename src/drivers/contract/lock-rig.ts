import type { Clock } from '../../host/clock.ts';
import type { Gave, LockCommandKind, LockDriver, LockRef } from '../lock-port.ts';
import type { FaultClass } from './faults.ts';

/**
 * What a driver of locks brings to be tried by the contract: itself on a simulated vendor that can be troubled in every
 * way, and the truth about the lock behind it. Each trial starts a rig of its own.
 */
export type LockRigMaker = {
  /** As shown over its table. */
  name: string;
  /** What stands for a fault class that this wire does not have as such; shown below the table. */
  instead?: Partial<Record<FaultClass, string>>;
  /** Fault classes that cannot exist on this wire, nor anything like them, and why; shown in their cells. */
  impossible?: Partial<Record<FaultClass, string>>;
  start(clock: Clock): Promise<LockRig>;
};

/** Where a fault strikes: everything that is asked, what acts on the lock alone, or the fetching of tokens alone. */
export type LockWhere = 'everything' | 'switching' | 'signing-in';

/** What has to be there before a command about it. */
export type Prepared = 'pin' | 'qr' | 'entry';

export const pins = { set: '482913', before: '735192', changed: '604827' } as const;

export type LockRig = {
  locks: LockDriver;
  /** The one lock that is asked for: behind a gateway, with keypad and camera, and locked at first. It never locks by itself. */
  ref: LockRef;
  fault(fault: Exclude<FaultClass, 'none' | 'given-up-before'> | null, where: LockWhere): void;
  /** As another program of the same account would; answers the vendor's name of it. */
  prepare(what: Prepared): Promise<string>;
  truth(): LockTruth;
  /** Somebody turns the bolt by hand. */
  outside(bolt: 'locked' | 'unlocked'): void;
  /** Somebody presses the code that was set or given, or shows the picture: whether it opens. */
  opensBy(way: { pin: string } | Gave): boolean;
  /** Heard by the vendor since the start, answered or not; `acting`: of those that act on the lock. */
  requests(): { all: number; acting: number };
  /** The most requests that one call of each kind may cost: a driver tries once. */
  most: { list: number; observe: number; perform: number; read: number };
  /** Commands that are only ever taken: whether they take effect, the vendor cannot say. */
  onlyTaken: readonly LockCommandKind[];
  /** Commands that this vendor cannot carry: they are refused as such, whatever else is wrong, and nothing is asked. */
  never?: readonly LockCommandKind[];
  /** Settles when the vendor has done everything it will still do of what it has heard. */
  settled(): Promise<void>;
  /** Must never be seen in anything the driver says. */
  secrets: readonly string[];
  stop(): Promise<void>;
};

/** The lock as it is, whatever anybody was told. */
export type LockTruth = {
  bolt: 'locked' | 'unlocked';
  battery: number;
  /** How often each command of ours took effect. */
  did: Readonly<Record<LockCommandKind, number>>;
};
