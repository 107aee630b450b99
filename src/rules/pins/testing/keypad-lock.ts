import type { Instant } from '../../instant.ts';
import type { KeypadFacts, Reading } from '../pin.ts';
import type { PlanCommand } from '../plan.ts';
import type { Window } from '../schedule.ts';
import type { WriteOutcome } from '../told.ts';

/** How the next write goes wrong. `late`: nothing is heard, and it is done half a minute later. */
export type Fault = 'none' | 'done-unheard' | 'not-done-unheard' | 'late' | 'refused' | 'offline' | 'full';

export type Held = { print: string; slot: number | null; window: Window; name: string };
export type Write = Exclude<PlanCommand, { kind: 'look' }>;

/** A dictionary that behaves like a lock: it refuses what locks refuse, and is the truth that the plan is measured by. */
export class KeypadLock {
  readonly codes = new Map<string, Held>();
  readonly keypad: KeypadFacts;
  fault: Fault = 'none';
  offline = false;
  private counter = 0;
  private late: { at: Instant; command: Write; name: string }[] = [];

  constructor(keypad: KeypadFacts) {
    this.keypad = keypad;
  }

  /** Does what was delayed. */
  at(now: Instant): void {
    const due = this.late.filter((one) => one.at <= now);
    this.late = this.late.filter((one) => one.at > now);
    for (const { command, name } of due) this.carryOut(command, name);
  }

  read(now: Instant): Reading | null {
    if (this.offline || !this.keypad.readsBack) return null;
    const codes = [...this.codes].map(([reference, { print, slot, window, name }]) => ({
      reference,
      print,
      slot,
      window,
      name,
    }));
    return { codes, at: now };
  }

  perform(command: Write, name: string, now: Instant): WriteOutcome {
    if (this.offline || this.fault === 'offline') return { kind: 'refused', reason: 'bridge-offline' };
    if (this.fault === 'refused') return { kind: 'refused', reason: 'vendor' };
    if (this.fault === 'full' && command.kind === 'set') return { kind: 'refused', reason: 'code-full' };
    if (this.fault === 'not-done-unheard') return { kind: 'unknown' };
    if (this.fault === 'late') {
      this.late.push({ at: now + 30_000, command, name });
      return { kind: 'unknown' };
    }
    const outcome = this.carryOut(command, name);
    return this.fault === 'done-unheard' ? { kind: 'unknown' } : outcome;
  }

  private carryOut(command: Write, name: string): WriteOutcome {
    if (command.kind === 'clear') {
      const key = this.keypad.namesSlots ? String(command.slot) : command.reference;
      return this.codes.delete(key) ? { kind: 'confirmed' } : { kind: 'refused', reason: 'code-missing' };
    }
    if (command.kind === 'change') {
      const code = this.codes.get(command.reference);
      if (code === undefined) return { kind: 'refused', reason: 'code-missing' };
      if (command.print !== null && this.has(command.print, command.reference))
        return { kind: 'refused', reason: 'code-taken' };
      code.window = command.window;
      if (command.print !== null) code.print = command.print;
      return { kind: 'confirmed' };
    }
    if (this.has(command.print)) return { kind: 'refused', reason: 'code-taken' };
    if (this.keypad.slots !== null && this.codes.size >= this.keypad.slots)
      return { kind: 'refused', reason: 'code-full' };
    const reference = this.keypad.namesSlots ? String(command.slot) : `r${++this.counter}`;
    if (this.codes.has(reference)) return { kind: 'refused', reason: 'vendor' }; // the world looks: it must not come to that
    this.codes.set(reference, { print: command.print, slot: command.slot, window: command.window, name });
    return { kind: 'confirmed', gave: { reference } };
  }

  has(print: string, but?: string): boolean {
    return [...this.codes].some(([reference, code]) => reference !== but && code.print === print);
  }

  /** Whether these digits open the door. */
  opens(print: string, now: Instant): boolean {
    return [...this.codes.values()].some(
      ({ print: own, window }) =>
        own === print &&
        (!this.keypad.keepsWindows || (window.from <= now && (window.until === null || now < window.until))),
    );
  }
}
