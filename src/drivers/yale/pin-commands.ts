import type { Clock } from '../../host/clock.ts';
import type { LockCommand, LockOutcome } from '../lock-port.ts';
import { type Ask, confirmed, detailOf, notAsked, notDone, obstacle, refusedAs, send, strange } from './ask.ts';
import type { Answer } from './client.ts';
import { type Access, accessOf, sameAccess } from './pin-access.ts';
import { familyName, type ListedPin, ours, pinsOf, referenceOf } from './pins.ts';
import type { LockDetail } from './wire.ts';

/**
 * Codes are written in two steps: the cloud takes what is wished, and the lock hears of it through its bridge, some time
 * later. Only the second is a receipt, so it is waited for; what the wait does not show is taken, and no more.
 */
type Of<Kind extends LockCommand['kind']> = Extract<LockCommand, { kind: Kind }>;
type Deps = { clock: Clock; random: (count: number) => Buffer };
type Wish = { pin: string; access: Access };

/** Between looks at a code that is on its way: a lock has it in seconds, or in minutes. */
const pauses = [0, 300, 700, 1500, 3000, 3000, 3000, 3000] as const;

export async function setPin(ask: Ask, command: Of<'set-pin'>, { clock, random }: Deps): Promise<LockOutcome> {
  const lock = await ready(ask);
  if ('kind' in lock) return lock;
  const access = accessOf(command.window, { now: clock.now(), schedules: takesSchedules(lock) });
  const partnerUserID = `${ours}${random(12).toString('hex')}`;
  const names = { partnerUserID, firstName: command.name.slice(0, 40) || familyName, lastName: familyName };
  const answer = await order(ask, { action: 'load', pin: command.pin, ...access, ...names });
  const mine = (pin: ListedPin): boolean => pin.pin === command.pin && referenceOf(pin).startsWith(ours);
  const wish = { pin: command.pin, access };
  if (answer.kind === 'trouble' && answer.status === 409) {
    // an order of ours whose answer was lost stands in its own way: then it is on, or on its way
    const pins = await pinsOf(ask);
    const before = 'kind' in pins ? undefined : pins.find((pin) => mine(pin) && sameAccess(pin, access));
    if (before === undefined) return conflict(answer.said ?? '');
    return waitFor(ask, clock, { of: mine, wish, gave: { reference: referenceOf(before) } });
  }
  if (answer.kind === 'trouble') return notDone(answer);
  return ended(ask, clock, answer, { of: mine, wish, gave: { reference: partnerUserID } });
}

export async function changePin(ask: Ask, command: Of<'change-pin'>, { clock }: Deps): Promise<LockOutcome> {
  const found = await there(ask, command.reference);
  if ('kind' in found) return found;
  const { lock, before } = found;
  const access =
    command.window === null
      ? { accessType: before.accessType, accessTimes: before.accessTimes, accessRecurrence: before.accessRecurrence }
      : accessOf(command.window, { now: clock.now(), schedules: takesSchedules(lock) });
  const pin = command.pin ?? before.pin;
  const answer = await order(ask, { action: 'update', ...whose(before), pin, ...access });
  if (answer.kind === 'trouble') return answer.status === 409 ? conflict(answer.said ?? '') : notDone(answer);
  const of = (one: ListedPin): boolean => referenceOf(one) === command.reference;
  const wish = { pin, access: access as Access };
  return ended(ask, clock, answer, { of, wish });
}

export async function clearPin(ask: Ask, { reference }: Of<'clear-pin'>, { clock }: Deps): Promise<LockOutcome> {
  const found = await there(ask, reference);
  if ('kind' in found) return found;
  const { before } = found;
  const answer = await order(ask, { action: 'delete', ...whose(before), pin: before.pin });
  if (answer.kind === 'trouble') return answer.status === 409 ? conflict(answer.said ?? '') : notDone(answer);
  return ended(ask, clock, answer, { of: (one) => referenceOf(one) === reference, wish: null });
}

/** The lock as it is stored; or why it cannot be written to. Nothing was sent yet. */
async function ready(ask: Ask): Promise<LockDetail | LockOutcome> {
  const detail = await detailOf(ask);
  if ('kind' in detail) return notAsked(detail);
  if (detail.supportsEntryCodes === false) return refusedAs('unsupported', 'Yale: the lock has no keypad');
  return obstacle(detail) ?? detail;
}

async function there(ask: Ask, reference: string): Promise<{ lock: LockDetail; before: ListedPin } | LockOutcome> {
  const lock = await ready(ask);
  if ('kind' in lock) return lock;
  const pins = await pinsOf(ask);
  if ('kind' in pins) return notAsked(pins);
  const before = pins.find((pin) => referenceOf(pin) === reference);
  if (before === undefined) return refusedAs('code-missing', 'Yale knows no code of this name');
  return before.state === 'changing' || before.state === 'going'
    ? refusedAs('busy', 'Yale: the code is being changed')
    : { lock, before };
}

const order = (ask: Ask, command: Record<string, unknown>): Promise<Answer> =>
  send(ask, { method: 'POST', path: `/locks/${ask.lockId}/pins`, body: { commands: [command] } });

const whose = (pin: ListedPin) =>
  referenceOf(pin) === pin.userID ? { augustUserID: pin.userID } : { partnerUserID: pin.partnerUserID };

/** The first generation has no clock. */
export const takesSchedules = ({ Type, accessSchedulesAllowed }: LockDetail): boolean =>
  Type !== 1 && accessSchedulesAllowed !== false;

/** `wish` null: it is to be gone. */
type Waited = { of: (pin: ListedPin) => boolean; wish: Wish | null; gave?: { reference: string } };

async function ended(ask: Ask, clock: Clock, answer: Exclude<Answer, { kind: 'trouble' }>, o: Waited) {
  if (answer.kind === 'answer' && answer.status < 300 && isYes(answer.value)) return waitFor(ask, clock, o);
  const lost = answer.kind === 'lost' ? answer : strange('the code');
  const pins = await pinsOf(ask);
  return !('kind' in pins) && isSo(pins, o) ? confirmed(gaveOf(pins, o)) : notDone(lost);
}

const isYes = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';

/** Looks until the lock has answered. What the cloud took and does not show as on its way is in doubt. */
async function waitFor(ask: Ask, clock: Clock, o: Waited): Promise<LockOutcome> {
  let astray = 0;
  for (const pause of pauses) {
    await clock.sleep(pause, ask.signal);
    if (ask.signal.aborted) break;
    const pins = await pinsOf(ask);
    if ('kind' in pins) break; // the cloud has said yes: looking goes on another time
    if (isSo(pins, o)) return confirmed(gaveOf(pins, o));
    const state = pins.find(o.of)?.state;
    if (state === undefined || state === 'on') astray += 1;
    if (astray > 1)
      return { kind: 'unknown', detail: 'Yale took the change of a code, but does not show it as on its way' };
  }
  return { kind: 'accepted', ...(o.gave === undefined ? {} : { gave: o.gave }) };
}

function isSo(pins: readonly ListedPin[], { of, wish }: Waited): boolean {
  const found = pins.find(of);
  if (wish === null) return found === undefined;
  return found?.state === 'on' && found.pin === wish.pin && sameAccess(found, wish.access);
}

function gaveOf(pins: readonly ListedPin[], { of, wish, gave }: Waited) {
  const found = gave === undefined ? undefined : pins.find(of);
  if (found === undefined || wish === null) return gave;
  const slot = found.slot ?? null;
  return { reference: referenceOf(found), ...(slot === null ? {} : { slot }) };
}

/** One status for all of it: the cloud's words tell them apart. */
function conflict(said: string): LockOutcome {
  if (/slot/i.test(said)) return refusedAs('code-full', 'Yale: no further code fits on the lock');
  if (/could not find|no pin given/i.test(said)) return refusedAs('code-missing', 'Yale knows no such code');
  if (/in use|duplicate|exist|has a pin|already/i.test(said)) {
    return refusedAs('code-taken', 'Yale: the same code, or another of this user, is on the lock already');
  }
  return refusedAs('busy', 'Yale: the code is being changed');
}
