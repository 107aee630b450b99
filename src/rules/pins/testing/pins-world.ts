import { type Instant, minutes, seconds } from '../../instant.ts';
import { type Intent, intended } from '../life.ts';
import { contains, type KeypadFacts, nowhere, type PinFacts, type Reading, sameWindow } from '../pin.ts';
import { type Plan, plan } from '../plan.ts';
import { heldOn } from '../room.ts';
import type { Schedule } from '../schedule.ts';
import { begun, told } from '../told.ts';
import { isWithdrawn, wantOf } from '../want.ts';
import { type Fault, KeypadLock, type Write } from './keypad-lock.ts';

export const zone = 'Europe/Berlin';
export const start: Instant = Date.UTC(2026, 2, 28, 20); // the night in which the clocks change

export type Policy = 'report' | 'restore' | 'ignore';

/** One lock with its PINs, as an engine would treat them; every act on the lock is judged as it happens. */
export class PinsWorld {
  readonly lock: KeypadLock;
  readonly policy: Policy;
  pins: PinFacts[] = [];
  now = start;
  gone: string[] = [];
  readonly wrongs: string[] = [];
  last: Plan = { command: null, verdicts: [], unmanaged: null };
  writes = 0;
  private heldUntil = 0;
  private counter = 0;
  private readonly unlooked = new Map<string, Instant>();

  constructor(keypad: KeypadFacts, policy: Policy = 'report') {
    this.lock = new KeypadLock(keypad);
    this.policy = policy;
  }

  create(print: string, schedule: Schedule): string | null {
    if (this.pins.some((pin) => pin.print === print || this.onLockAs(pin, print))) return null; // refused by the service
    const id = `p${++this.counter}`.padStart(4, '0');
    this.pins.push({
      id,
      print,
      mark: id,
      schedule,
      state: 'created',
      since: this.now,
      usedAt: null,
      placement: nowhere,
      conflict: null,
      failures: [],
      suspendedUntil: null,
    });
    return id;
  }

  change(n: number, to: { print?: string; schedule?: Schedule }): void {
    const pin = this.pins[n % Math.max(1, this.pins.length)];
    if (pin === undefined || pin.state === 'deleting') return;
    const { print } = to;
    if (print !== undefined && pin.placement.attempt?.kind === 'set') return; // the service asks to wait
    if (
      print !== undefined &&
      this.pins.some((other) => other.id !== pin.id && (other.print === print || this.onLockAs(other, print)))
    )
      return;
    const state = intended(pin.state, 'update');
    if (state !== null) this.put({ ...pin, ...to, state, conflict: null, failures: [], suspendedUntil: null });
  }

  intend(n: number, intent: Exclude<Intent, 'update'>): void {
    const pin = this.pins[n % Math.max(1, this.pins.length)];
    const state = pin === undefined ? null : intended(pin.state, intent);
    if (pin !== undefined && state !== null) this.put({ ...pin, state });
  }

  /** The place is locked down, or that is over. */
  lockDown(on: boolean): void {
    this.pins = this.pins.map((pin) => {
      const { barred: _barred, ...rest } = pin;
      return on ? { ...rest, barred: true } : rest;
    });
  }

  use(n: number): void {
    const pin = this.pins[n % Math.max(1, this.pins.length)];
    if (pin !== undefined && this.lock.opens(pin.print, this.now)) this.put({ ...pin, usedAt: pin.usedAt ?? this.now });
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.lock.at(this.now);
  }

  /** One turn of the reconciler: until there is nothing to do now. */
  reconcile(faults: Iterator<Fault> = noFaults()): void {
    if (this.now < this.heldUntil) return;
    let reading = this.look ? this.looked() : null;
    this.look = false;
    for (let n = 0; n < 60; n++) {
      this.last = this.planned(reading);
      this.commit(this.last);
      const { command } = this.last;
      if (command === null) return;
      if (command.kind === 'look') {
        reading = this.looked();
        if (reading === null) {
          this.hold();
          return;
        }
        continue;
      }
      reading = null;
      this.lock.fault = faults.next().value ?? 'none';
      if (this.perform(command) === 'stop') {
        this.hold();
        return;
      }
      this.lock.fault = 'none';
    }
    this.wrongs.push('it never came to rest');
  }

  planned(reading: Reading | null): Plan {
    const none = new Set<string>();
    return plan({
      pins: this.pins,
      reading,
      unmanaged: { policy: this.policy, ignored: none, unwanted: none, others: none, spared: none },
      keypad: this.lock.keypad,
      zone,
      now: this.now,
    });
  }

  private looked(): Reading | null {
    const reading = this.lock.read(this.now);
    for (const [id, at] of this.unlooked) if (reading !== null && reading.at >= at) this.unlooked.delete(id);
    return reading;
  }

  private hold(): void {
    this.lock.fault = 'none';
    this.heldUntil = this.now + seconds(20);
  }

  private commit(made: Plan): void {
    for (const verdict of made.verdicts) {
      const pin = this.pins.find(({ id }) => id === verdict.id);
      if (pin === undefined) continue;
      const { state, placement, conflict } = verdict;
      if (state === 'loaded' && !this.lock.offline) this.mustBeOn(pin);
      if (state === 'gone') this.pins = this.pins.filter(({ id }) => id !== pin.id);
      if (state === 'gone') this.gone.push(pin.print);
      else this.put({ ...pin, state, placement, conflict });
    }
  }

  /** What a reading has just shown must be so; what an older receipt says may have been changed from outside. */
  private mustBeOn(pin: PinFacts): void {
    if (this.touched || this.lock.has(pin.print)) return;
    this.wrongs.push(`${pin.id} is shown as loaded and is not on the lock`);
  }
  touched = false;
  /** The next turn begins with a look, as it is time to see what others did. */
  look = false;

  private perform(command: Write): 'on' | 'stop' {
    const pin = this.pins.find(({ id }) => id === command.pinId);
    const before = this.opening();
    this.writes += 1;
    if (pin === undefined) {
      if (this.policy !== 'restore') this.wrongs.push('took away a code that is not ours');
      const outcome = this.lock.perform(command, '', this.now);
      return outcome.kind === 'confirmed' ? 'on' : 'stop';
    }
    this.judge(pin, command);
    const sent = { ...pin, placement: begun(pin, command, pin.id, this.now) };
    this.put(sent);
    const outcome = this.lock.perform(command, pin.id, this.now);
    if (outcome.kind === 'unknown' && command.kind === 'set') this.unlooked.set(pin.id, this.now);
    if (command.kind === 'clear') this.unlooked.delete(pin.id);
    const known = this.last.unmanaged ?? [];
    const result = told(sent, command, outcome, this.lock.keypad, { held: heldOn(this.pins, known), now: this.now });
    this.put({ ...sent, ...result.pin });
    for (const id of before) {
      if (!this.opening(true).has(id)) this.wrongs.push(`${id} was in use and went off the lock by ${command.kind}`);
    }
    return result.wholeLock ? 'stop' : 'on';
  }

  private judge(pin: PinFacts, command: Write): void {
    const { keypad } = this.lock;
    if (command.kind === 'set') {
      if (this.unlooked.has(pin.id) && (keypad.readsBack || command.slot !== null)) {
        this.wrongs.push(`${pin.id} was written twice without a look`);
      }
      const inSlot = keypad.namesSlots ? this.lock.codes.get(String(command.slot)) : undefined;
      if (inSlot !== undefined && keypad.readsBack) this.wrongs.push(`${pin.id} was put into a slot that is taken`);
    }
    if (command.kind !== 'clear' || isWithdrawn(pin) || pin.placement.attempt !== null) return;
    const want = wantOf(pin, keypad, zone, this.now);
    const fine = pin.placement.present;
    if (want === null || fine === null || fine.print !== pin.print || fine.reference !== command.reference) return;
    const near = (own: PinFacts) => wantOf(own, keypad, zone, this.now)?.window.from ?? Number.POSITIVE_INFINITY;
    const asked = !keypad.keepsWindows || sameWindow(fine.asked, want.window, this.now);
    const nearer = this.pins.some((other) => other.id !== pin.id && near(other) < near(pin));
    if (asked && want.onFrom <= this.now && !nearer) this.wrongs.push(`${pin.id}, the nearest, was evicted`);
  }

  /** PINs that open the door now, and should. */
  private opening(afterwards = false): Set<string> {
    const { keypad } = this.lock;
    const open = this.pins.filter((pin) => {
      const want = wantOf(pin, keypad, zone, this.now);
      if (want === null || !contains(want.window, this.now)) return false;
      const { present, old, attempt } = pin.placement;
      if (!afterwards && attempt !== null && (present === null || !keypad.readsBack)) return false; // nobody was told that it is on
      const prints = [pin.print, present?.print, old?.print].filter((one) => one !== undefined);
      return prints.some((print) => this.lock.opens(print, this.now));
    });
    return new Set(open.map(({ id }) => id));
  }

  private onLockAs({ placement: { present, old, attempt } }: PinFacts, print: string): boolean {
    return [present, old, attempt].some((one) => one?.print === print);
  }

  private put(pin: PinFacts): void {
    this.pins = this.pins.map((other) => (other.id === pin.id ? pin : other));
  }

  /** What is not as it should be, now that nothing goes wrong any more. */
  differences(): string[] {
    const { keypad, codes } = this.lock;
    const found: string[] = [];
    const wanted = this.pins.filter((pin) => {
      const want = wantOf(pin, keypad, zone, this.now);
      return want !== null && want.onFrom <= this.now && pin.conflict === null;
    });
    const ours = [...codes.values()].filter(({ name }) => name !== 'somebody');
    const stuck = this.pins.flatMap(({ placement: { present, old } }) => [present, old]);
    const lost = stuck.filter((placed) => placed !== null && placed.reference === null && placed.slot === null);
    const useless = lost.filter((placed) => !wanted.some(({ print }) => print === placed?.print));
    const kept = this.pins.filter(({ conflict, placement: { present } }) => conflict !== null && present !== null);
    const room = (keypad.slots ?? 1000) - (codes.size - ours.length) - useless.length - kept.length;
    const full = keypad.slots !== null && codes.size >= keypad.slots; // the old digits stay on: there is no room for both
    const on = wanted.filter(
      (pin) => this.lock.has(pin.print) || (full && this.lock.opens(pin.placement.present?.print ?? '', this.now)),
    );
    if (on.length < Math.min(wanted.length, room))
      found.push(`${on.length} of ${wanted.length} are on the lock, with room for ${room}`);
    for (const { print } of ours) {
      const pin = this.pins.find((one) => one.print === print || this.onLockAs(one, print));
      if (lost.some((placed) => placed?.print === print)) continue; // no lock of this kind can
      if (pin === undefined || wantOf(pin, keypad, zone, this.now) === null)
        found.push(`${print} was left on the lock`);
    }
    for (const pin of on) {
      if (pin.placement.present?.reference === null) continue;
      const [want, code] = [
        wantOf(pin, keypad, zone, this.now),
        [...codes.values()].find(({ print }) => print === pin.print),
      ];
      const waits =
        code !== undefined && want !== null && contains(code.window, this.now) && contains(want.window, this.now);
      if (
        want !== null &&
        code !== undefined &&
        keypad.keepsWindows &&
        code.window.until !== want.window.until &&
        !(waits && (!keypad.changesInPlace || pin.placement.rewrite === true))
      ) {
        found.push(`${pin.id} has another window on the lock than it should`);
      }
    }
    const starts = (pin: PinFacts) => Math.max(this.now, wantOf(pin, keypad, zone, this.now)?.window.from ?? 0);
    const waiting = wanted.filter((pin) => !on.includes(pin));
    const inFar = on.filter(
      (pin) => !lost.includes(pin.placement.present) && waiting.some((other) => starts(other) < starts(pin)),
    );
    if (inFar.length > 0) found.push(`${inFar[0]?.id} has the slot of a nearer one`);
    return found;
  }
}

function* noFaults(): Iterator<Fault> {}
export const anHour = minutes(60);
