import type { Instant } from '../../rules/instant.ts';
import type { LockCommand, LockOutcome } from '../lock-port.ts';
import { type Ask, notDone, receipt, send, strange, written } from './ask.ts';
import { changedTimes, givenTimes, keptFor, ownTimes } from './code-times.ts';
import type { Details } from './details.ts';
import { GivenCode, parsed, WrittenCode } from './wire.ts';

/** Codes: our own, written through the gateway with their exact times, and those that the platform works out by itself. */
type Of<Kind extends LockCommand['kind']> = Extract<LockCommand, { kind: Kind }>;

/** Through the gateway, not by a phone: what the platform takes when nothing is said. */
const byGateway = 2;
/** The kind of random codes that is not outdated. */
const version = 4;

export async function setPin(ask: Ask, { pin, window, name }: Of<'set-pin'>, now: Instant): Promise<LockOutcome> {
  const fields = { keyboardPwd: pin, ...named(name), ...ownTimes(window, now), addType: byGateway };
  const answer = await send(ask, '/v3/keyboardPwd/add', fields);
  if (answer.kind !== 'answer') return notDone(answer);
  const code = parsed(WrittenCode, answer.value);
  return code === null
    ? strange('the code')
    : written({ reference: String(code.keyboardPwdId), window: keptFor(window) });
}

/** The platform takes both times or none: one alone is answered with yes, and changes nothing. */
export async function changePin(ask: Ask, { reference, pin, window }: Of<'change-pin'>): Promise<LockOutcome> {
  const keyboardPwdId = idOf(reference);
  if (keyboardPwdId === null) return noCode;
  const fields = {
    keyboardPwdId,
    ...(pin === null ? {} : { newKeyboardPwd: pin }),
    ...(window === null ? {} : changedTimes(window)),
    changeType: byGateway,
  };
  const outcome = receipt(await send(ask, '/v3/keyboardPwd/change', fields), 'the changed code');
  return window === null || outcome.kind !== 'confirmed' ? outcome : { ...outcome, gave: { window: keptFor(window) } };
}

/** Also said of a code that was gone already. */
export async function clearPin(ask: Ask, reference: string): Promise<LockOutcome> {
  const keyboardPwdId = idOf(reference);
  if (keyboardPwdId === null) return noCode;
  return receipt(await send(ask, '/v3/keyboardPwd/delete', { keyboardPwdId, deleteType: byGateway }), 'the code');
}

/** Without reaching the lock, which works the same code out by itself. */
export async function issueCode(
  ask: Ask,
  { window, once, name }: Of<'issue-code'>,
  details: Details,
): Promise<LockOutcome> {
  const zoneOffset = await details.zoneOffset(ask);
  if (typeof zoneOffset !== 'number') return surelyNot(notDone(zoneOffset));
  const times = givenTimes(window, { once, zoneOffset });
  const fields = { keyboardPwdVersion: version, ...times.fields, ...named(name) };
  const answer = await send(ask, '/v3/keyboardPwd/get', fields);
  if (answer.kind !== 'answer') return notDone(answer);
  const code = parsed(GivenCode, answer.value);
  if (code === null) return strange('the code');
  return written({ reference: String(code.keyboardPwdId), code: code.keyboardPwd, window: times.window });
}

/** What came before the command was only a question. */
function surelyNot(outcome: LockOutcome): LockOutcome {
  return outcome.kind === 'unknown' ? { ...outcome, kind: 'refused', reason: 'vendor' } : outcome;
}

const named = (name: string) => ({ keyboardPwdName: name.slice(0, 50) });
const idOf = (reference: string): number | null => (/^[1-9]\d{0,14}$/.test(reference) ? Number(reference) : null);
const noCode: LockOutcome = { kind: 'refused', reason: 'code-missing', detail: 'TTLock knows no code of this name' };
