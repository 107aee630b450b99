/** One virtual lock, as people in front of it and the air around it meet it. Every change is told to `changed` at once. */
import type { SimulatorClock } from '../clock.ts';
import type { HardwareTrouble } from './errors.ts';
import type { KeypadCode, LockCondition, LockData } from './lock-data.ts';
import { opensAt } from './pin-times.ts';

const MOST_WRONG_TRIES = 5;
const KEYPAD_LOCKED_MS = 5 * 60_000;
const TOO_LOW = 2; // percent: the motor does not turn

export type Attempt = {
  opened: boolean;
  why: 'opened' | 'no-keypad' | 'no-power' | 'keypad-locked' | 'unknown-code' | 'not-now' | 'disabled' | 'jammed';
};

export type Lock = {
  data: LockData;
  has(condition: LockCondition): boolean;
  settle(): void;
  press(digits: string): Attempt;
  /** Somebody inside turns the knob; answers whether the bolt moved. */
  turnByHand(): boolean;
  moveDoor(open: boolean): void;
  setCondition(condition: LockCondition, on: boolean): void;
  setBattery(percent: number): void;
  /** What it says to a command through the air; null: done. */
  remote(command: 'lock' | 'unlock' | 'unlatch', userId: string): HardwareTrouble | null;
  /** Also over a code in the same slot. */
  putCode(code: KeypadCode): void;
  dropCode(slot: number): void;
  save(): void;
};

export function createLock(data: LockData, o: { clock: SimulatorClock; changed: (lock: Lock) => void }): Lock {
  const has = (condition: LockCondition): boolean => data.conditions.includes(condition);
  const refuse = (why: Attempt['why']): Attempt => {
    data.counts.refused += 1;
    return { opened: false, why };
  };
  const note = (action: string, userId: string | null, at = o.clock.now()): void => {
    data.unsent.push({ at, action, userId });
  };

  /** Whether the bolt is where it was to go. */
  function turn(locked: boolean, motor: boolean, at: number): boolean {
    if (motor) data.battery = Math.max(0, data.battery - data.drainPerTurn);
    if (has('jammed')) return false;
    data.locked = locked;
    data.autoLockAt = locked || data.autoLockSeconds === 0 ? null : at + data.autoLockSeconds * 1000;
    return true;
  }

  function settleBolt(): boolean {
    const due = data.autoLockAt;
    if (due === null || due > o.clock.now()) return false;
    data.autoLockAt = null;
    if (data.battery > TOO_LOW && turn(true, true, due)) {
      data.counts.autoLocks += 1;
      note('auto_lock', null, due);
    }
    return true;
  }

  function press(digits: string): Attempt {
    settleBolt();
    const at = o.clock.now();
    if (!data.hasKeypad) return refuse('no-keypad');
    if (data.battery <= TOO_LOW) return refuse('no-power');
    if (at < data.keypadLockedUntil) return refuse('keypad-locked');
    const code = data.codes.find((one) => one.digits === digits);
    const why =
      code === undefined
        ? 'unknown-code'
        : !code.enabled
          ? 'disabled'
          : opensAt(code, at, data.timeZone)
            ? null
            : 'not-now';
    if (code === undefined || why !== null) {
      data.wrongTries = [...data.wrongTries.filter((each) => each > at - KEYPAD_LOCKED_MS), at];
      if (data.wrongTries.length >= MOST_WRONG_TRIES) {
        data.wrongTries = [];
        data.keypadLockedUntil = at + KEYPAD_LOCKED_MS;
      }
      return refuse(why ?? 'unknown-code');
    }
    data.wrongTries = [];
    if (!turn(false, true, at)) return refuse('jammed');
    if (code.accessType === 'oneTime') data.codes = data.codes.filter((one) => one !== code);
    data.counts.keypadOpens += 1;
    note('pin_unlock', code.userId);
    return { opened: true, why: 'opened' };
  }

  function remote(command: 'lock' | 'unlock' | 'unlatch', userId: string): HardwareTrouble | null {
    settleBolt();
    if (data.battery <= TOO_LOW) return 'low-battery';
    if (has('overheated')) return 'overheated';
    if (has('uncalibrated')) return 'uncalibrated';
    const locks = command === 'lock';
    if (!turn(locks, true, o.clock.now())) {
      note('jammed', userId);
      return 'jammed';
    }
    data.counts[locks ? 'remoteLocks' : 'remoteUnlocks'] += 1;
    note(`remote_${command}`, userId);
    return has('drops') ? 'dropped' : null;
  }

  const lock: Lock = {
    data,
    has,
    settle() {
      if (settleBolt()) o.changed(lock);
    },
    press: (digits) => saved(() => press(digits)),
    turnByHand: () =>
      saved(() => {
        settleBolt();
        data.counts.handTurns += 1;
        const locks = !data.locked;
        if (!turn(locks, false, o.clock.now())) return false;
        note(locks ? 'manual_lock' : 'manual_unlock', null);
        return true;
      }),
    moveDoor: (open) =>
      saved(() => {
        data.doorOpen = open;
        if (data.hasDoorSensor) note(open ? 'dooropen' : 'doorclosed', null);
      }),
    setCondition: (condition, on) =>
      saved(() => {
        const others = data.conditions.filter((each) => each !== condition);
        data.conditions = on ? [...others, condition] : others;
      }),
    setBattery: (percent) =>
      saved(() => {
        data.battery = percent;
      }),
    remote: (command, userId) => saved(() => remote(command, userId)),
    putCode: (code) =>
      saved(() => {
        data.codes = [...data.codes.filter(({ slot }) => slot !== code.slot), code];
      }),
    dropCode: (slot) =>
      saved(() => {
        data.codes = data.codes.filter((one) => one.slot !== slot);
      }),
    save: () => saved(() => undefined),
  };
  function saved<T>(work: () => T): T {
    const result = work();
    o.changed(lock);
    return result;
  }
  return lock;
}
