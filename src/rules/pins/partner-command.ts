/**
 * Codes as programs of partners command them: one of somebody, named by the program's own name for them or by ours. What is
 * asked for is read here; what comes of it the rules of codes decide. Pure.
 */
import { invalid } from '../errors.ts';
import { type Identifier, identifierOf } from '../people/identifier.ts';
import { type AccessType, accessTypes, type Written } from './formats.ts';

export const pinActions = ['load', 'delete', 'disable', 'enable', 'update'] as const;
export type PinAction = (typeof pinActions)[number];

/** Whose it is: `nobody` was named. */
export type PinUser =
  | { kind: 'partner'; partnerUserId: string }
  | { kind: 'known'; who: Identifier }
  | { kind: 'nobody' };

export type PinCommand = {
  action: PinAction;
  user: PinUser;
  pin: string | null;
  accessType: AccessType | null;
  written: Written;
  firstName: string | null;
  lastName: string | null;
};

export type GivenCommand = {
  action?: string | null | undefined;
  pin?: string | number | null | undefined;
  accessType?: string | null | undefined;
  accessTimes?: string | null | undefined;
  accessRecurrence?: string | null | undefined;
  schedule?: string | null | undefined;
  partnerUserID?: string | null | undefined;
  augustUserID?: string | null | undefined;
  userID?: string | null | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
};

/** Throws a 400 that names the field. */
export function readPinCommand(given: GivenCommand): PinCommand {
  const action = pinActions.find((one) => one === given.action);
  if (action === undefined) throw invalid('action', `action must be one of ${pinActions.join(', ')}`);
  const accessType = accessTypes.find((one) => one === given.accessType) ?? null;
  if (accessType === null && isGiven(given.accessType)) {
    throw invalid('accessType', `accessType must be one of ${accessTypes.join(', ')}`);
  }
  // a number has lost its leading zeros
  if (typeof given.pin === 'number') throw invalid('pin', 'pin must be a text of digits');
  const pin = isGiven(given.pin) ? given.pin : null;
  if ((action === 'load' || action === 'update') && pin === null) throw invalid('pin', `pin is required for ${action}`);
  if (action === 'load' && accessType === null) throw invalid('accessType', 'accessType is required for load');
  const { accessTimes, accessRecurrence, schedule } = given;
  const written: Written = {
    ...(isGiven(accessTimes) ? { accessTimes } : {}),
    ...(isGiven(accessRecurrence) ? { accessRecurrence } : {}),
    ...(isGiven(schedule) ? { schedule } : {}),
  };
  const [times] = Object.keys(written);
  if (times !== undefined && accessType === null) throw invalid('accessType', `accessType is required with ${times}`);
  return {
    action,
    user: userOf(given),
    pin,
    accessType,
    written,
    firstName: isGiven(given.firstName) ? given.firstName : null,
    lastName: isGiven(given.lastName) ? given.lastName : null,
  };
}

function userOf({ partnerUserID, augustUserID, userID }: GivenCommand): PinUser {
  if (isGiven(partnerUserID)) return { kind: 'partner', partnerUserId: partnerUserID };
  const [field, named] = isGiven(augustUserID) ? ['augustUserID', augustUserID] : ['userID', userID];
  if (!isGiven(named)) return { kind: 'nobody' };
  const who = identifierOf(named);
  if (who === null) throw invalid(field, `${field} must be a user id, or email: or phone: and what follows`);
  return { kind: 'known', who };
}

/** Clients send what they have no value for as null or empty. */
const isGiven = <T>(value: T | null | undefined): value is T =>
  value !== null && value !== undefined && (value as unknown) !== '';

/** What is left to do of several: a delete whose user is given another code later on is a change of the code, at once. */
export function inOrder(commands: readonly PinCommand[]): (PinCommand & { replaces: boolean })[] {
  const gone = new Set<number>();
  const replacing = new Set<number>();
  commands.forEach((command, i) => {
    if (command.action !== 'load') return;
    const same = commands.flatMap((one, at) => (at < i && isSame(one.user, command.user) ? [at] : []));
    const last = same.at(-1);
    if (last === undefined || commands[last]?.action !== 'delete') return;
    gone.add(last);
    replacing.add(i);
  });
  return commands.flatMap((command, i) => (gone.has(i) ? [] : [{ ...command, replaces: replacing.has(i) }]));
}

function isSame(one: PinUser, other: PinUser): boolean {
  return one.kind !== 'nobody' && JSON.stringify(one) === JSON.stringify(other);
}
