/** One virtual lock, as people in front of it and the air around it meet it. Every change is told to `changed` at once. */
import type { SimulatorClock } from '../clock.ts';
import {
  close,
  eventOf,
  isDead,
  isPassageAt,
  type Mover,
  movers,
  open,
  passageBegins,
  passageEnds,
  settleBolt,
} from './bolt.ts';
import type { ErrorCode } from './errors.ts';
import { judge, KEYPAD_LOCKED_MS, MOST_WRONG_TRIES, noteUse, type Verdict } from './keypad.ts';
import type { LockCondition, LockData, Passage, WrittenCode } from './lock-data.ts';
import { judgeTicket, readTicket } from './qr-content.ts';

/** What came of somebody's try to open it. */
export type Attempt = {
  opened: boolean;
  why:
    | 'opened'
    | 'jammed'
    | 'no-power'
    | 'frozen'
    | 'no-keypad'
    | 'no-camera'
    | 'keypad-locked'
    | 'unreadable'
    | 'another-lock'
    | 'stale'
    | (Verdict & { opens: false })['why'];
};

export type Lock = {
  data: LockData;
  has(condition: LockCondition): boolean;
  settle(): void;
  press(digits: string): Attempt;
  scan(content: string): Attempt;
  /** Somebody inside turns the knob: open or locked, whatever it was not. Answers whether it moved. */
  turnByHand(): boolean;
  setCondition(condition: LockCondition, on: boolean): void;
  setBattery(percent: number): void;
  setAutoLock(seconds: number): void;
  remoteOpen(): ErrorCode;
  remoteLock(): ErrorCode;
  /** `counted`: through the air. At the keypad anybody who knows its master code may. */
  write(code: WrittenCode): ErrorCode;
  /** Takes it out of the memory, and bars it where it was worked out. Gone already is as well. */
  erase(digits: string, by: WrittenCode['by']): void;
  rewrite(digits: string, code: WrittenCode): ErrorCode;
  setPassage(passage: Passage): void;
  save(): void;
};

const badCode = { fromLock: 7, type: 4 };
const lateCode = { fromLock: 11, type: 4 };
const barredCode = { fromLock: 13, type: 4 };
const goodCode = { fromLock: 4, type: 4 };
const deletingCode = { fromLock: 10, type: 4 };
const keypadLocks = { fromLock: 48, type: 48 };
const goodQr = { fromLock: 57, type: 57 };
const lateQr = { fromLock: 58, type: 58 };

const refusals: Partial<Record<Attempt['why'], Mover>> = { 'unknown-code': badCode, deleted: barredCode };

export function createLock(
  data: LockData,
  o: { seed: string; clock: SimulatorClock; changed: (lock: Lock) => void },
): Lock {
  const has = (condition: LockCondition): boolean => data.conditions.includes(condition);
  const refuse = (why: Attempt['why']): Attempt => {
    data.counts.refused += 1;
    return { opened: false, why };
  };

  /** Lets time do its work first: what is done now meets the lock as it is now. */
  function now(): number {
    const at = o.clock.now();
    settleBolt(data, at);
    return at;
  }

  function barred(): Attempt | null {
    if (isDead(data)) return refuse('no-power');
    return has('frozen') ? refuse('frozen') : null;
  }

  function press(digits: string): Attempt {
    const at = now();
    if (!data.hasKeypad) return refuse('no-keypad');
    const out = barred();
    if (out !== null) return out;
    if (at < data.keypadLockedUntil) return refuse('keypad-locked');
    const verdict = judge(data, digits, at);
    if (!verdict.opens) {
      data.unsent.push(eventOf(at, { ...(refusals[verdict.why] ?? lateCode), keyboardPwd: digits }, false));
      data.wrongTries = [...data.wrongTries.filter((each) => each > at - KEYPAD_LOCKED_MS), at];
      if (data.wrongTries.length >= MOST_WRONG_TRIES) {
        data.wrongTries = [];
        data.keypadLockedUntil = at + KEYPAD_LOCKED_MS;
        data.unsent.push(eventOf(at, keypadLocks, true));
      }
      return refuse(verdict.why);
    }
    data.wrongTries = [];
    noteUse(data, verdict.random, at); // it is used up also where the bolt is jammed
    const how = verdict.random?.type === 4 ? deletingCode : goodCode;
    if (!open(data, at, { ...how, keyboardPwd: digits })) return refuse('jammed');
    data.counts.keypadOpens += 1;
    return { opened: true, why: 'opened' };
  }

  function scan(content: string): Attempt {
    const at = now();
    if (!data.hasCamera) return refuse('no-camera');
    const out = barred();
    if (out !== null) return out;
    const ticket = readTicket(o.seed, content);
    if (ticket === null) return refuse('unreadable');
    const verdict = judgeTicket(ticket, data, at);
    const keyboardPwd = String(ticket.number);
    if (verdict !== 'opens') {
      if (verdict !== 'another-lock') data.unsent.push(eventOf(at, { ...lateQr, keyboardPwd }, false));
      return refuse(verdict);
    }
    if (!open(data, at, { ...goodQr, keyboardPwd })) return refuse('jammed');
    data.counts.scanOpens += 1;
    return { opened: true, why: 'opened' };
  }

  function turnByHand(): boolean {
    const at = now();
    data.counts.handTurns += 1;
    const wasLocked = data.locked;
    const before = data.battery; // a hand needs no battery
    const moved = wasLocked ? open(data, at, movers.fromInside) : close(data, at, movers.lockButton);
    data.battery = before;
    return moved;
  }

  function write(code: WrittenCode): ErrorCode {
    if (data.written.some(({ digits }) => digits === code.digits)) return -3007;
    if (data.random.some(({ digits, state }) => digits === code.digits && state === 'good')) return -3007;
    if (has('memory-full')) return -4056;
    if (data.written.length >= data.capacity) return -3009;
    data.written.push(code);
    if (code.by === 'gateway') data.counts.codeWrites += 1;
    return 0;
  }

  function erase(digits: string, by: WrittenCode['by']): void {
    data.written = data.written.filter((code) => code.digits !== digits);
    for (const code of data.random) if (code.digits === digits && code.state === 'good') code.state = 'blocked';
    if (by === 'gateway') data.counts.codeDeletes += 1;
  }

  function rewrite(digits: string, code: WrittenCode): ErrorCode {
    const others = [...data.written, ...data.random.filter(({ state }) => state === 'good')];
    if (code.digits !== digits && others.some((other) => other.digits === code.digits)) return -3007;
    const random = data.random.findLast((each) => each.digits === digits && each.state === 'good');
    const known = random !== undefined || data.written.some((each) => each.digits === digits);
    if (!known) return -2009;
    data.written = data.written.filter((each) => each.digits !== digits);
    if (random !== undefined) random.state = 'blocked'; // it lives on as a code in the memory
    data.written.push(code);
    data.counts.codeChanges += 1;
    return 0;
  }

  function setPassage(passage: Passage): void {
    const at = now();
    data.passage = passage;
    data.counts.passageWrites += 1;
    const is = isPassageAt(data, at);
    if (is && !data.inPassage) passageBegins(data, at);
    else if (!is && data.inPassage) passageEnds(data, at);
  }

  const lock: Lock = {
    data,
    has,
    settle() {
      if (settleBolt(data, o.clock.now())) o.changed(lock);
    },
    press: (digits) => saved(() => press(digits)),
    scan: (content) => saved(() => scan(content)),
    turnByHand: () => saved(turnByHand),
    setCondition: (condition, on) =>
      saved(() => {
        now();
        const others = data.conditions.filter((each) => each !== condition);
        data.conditions = on ? [...others, condition] : others;
      }),
    setBattery: (percent) =>
      saved(() => {
        now();
        data.battery = percent;
      }),
    setAutoLock: (seconds) =>
      saved(() => {
        now();
        data.autoLockSeconds = seconds;
      }),
    remoteOpen: () =>
      saved(() => {
        const done = open(data, now(), movers.gatewayOpens);
        if (done) data.counts.remoteOpens += 1;
        return done ? 0 : 1;
      }),
    remoteLock: () =>
      saved(() => {
        const done = close(data, now(), movers.gatewayLocks);
        if (done) data.counts.remoteLocks += 1;
        return done ? 0 : 1;
      }),
    write: (code) => saved(() => write(code)),
    erase: (digits, by) => saved(() => erase(digits, by)),
    rewrite: (digits, code) => saved(() => rewrite(digits, code)),
    setPassage: (passage) => saved(() => setPassage(passage)),
    save: () => saved(() => undefined),
  };
  function saved<T>(work: () => T): T {
    const result = work();
    o.changed(lock);
    return result;
  }
  return lock;
}
