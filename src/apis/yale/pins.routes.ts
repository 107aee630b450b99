import { Type } from 'typebox';
import type { PartnerPinsService } from '../../features/partner-pins/partner-pins.service.ts';
import { Problem } from '../../rules/errors.ts';
import { type GivenCommand, readPinCommand } from '../../rules/pins/partner-command.ts';
import { MasterPinShown, masterPinView, PinsShown, pinsView } from './pin-view.ts';
import { OfLock, Success, success, Uuid } from './words.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const given = (maxLength: number, description: string) =>
  Type.Optional(Type.Union([Type.String({ maxLength, description }), Type.Null()]));
const Command = Type.Object({
  action: given(20, 'load, update, delete, disable, enable'),
  pin: Type.Optional(Type.Union([Type.String({ maxLength: 20 }), Type.Integer(), Type.Null()])),
  accessType: given(20, 'always, temporary, recurring, oneTime'),
  accessTimes: given(200, 'DTSTART=…;DTEND=… or STARTSEC=…;ENDSEC=…'),
  accessRecurrence: given(500, 'The body of an RRULE'),
  schedule: given(5000, 'iCalendar text, in place of both'),
  partnerUserID: given(200, 'Whose it is, as the program calls them'),
  augustUserID: given(330, 'Or a user id, or `email:…`, `phone:+…`'),
  userID: given(330, 'The same'),
  firstName: given(60, 'Of somebody who is made with the code'),
  lastName: given(60, 'The same'),
});
/** More than fit on any lock. */
const mostCommands = 250;
const webhook = Type.Optional(Type.Union([Type.String({ maxLength: 2000 }), Type.Null()]));
const errors = ['VALIDATION_ERROR', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'] as const;

/** Codes on a lock. A change is written down and answered at once; the list that a code is in tells how far it came. */
export function pinRoutes(api: YaleApi, { partnerPins }: { partnerPins: PartnerPinsService }): void {
  const shared = { access: 'caller', errors, source: import.meta.url, params: OfLock } as const;

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/locks/:lockID/pins',
    summary: 'Codes of a lock',
    purpose: 'Seven lists, all always there, with their digits. Guests see their own code alone.',
    success: PinsShown,
    handler: async ({ caller, params }) =>
      pinsView(params.lockID, (await partnerPins.list(caller, params.lockID)).pins),
  });

  yaleRoute(api, {
    ...shared,
    method: 'POST',
    url: '/locks/:lockID/pins',
    summary: 'Load, change and delete codes',
    purpose:
      'In the order of the array, all or nothing. 200: written down; it is on the lock once it is listed as loaded. `update`, and a delete with a later load for the same user, change a code at once. By managers and superusers.',
    body: Type.Object({ commands: Type.Array(Command, { minItems: 1, maxItems: mostCommands }), webhook }),
    example: {
      commands: [{ action: 'load', pin: '48213', accessType: 'always', partnerUserID: 'guest 7', firstName: 'Anna' }],
    },
    success: Success,
    handler: async ({ caller, params, body }) => {
      const commands = body.commands.map((one, i) => read(one, body.commands.length > 1 ? i : null));
      await partnerPins.command(caller, params.lockID, commands).catch(withPrefix);
      return success;
    },
  });

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/locks/:lockID/pin',
    summary: 'Reserve a code',
    purpose: 'Digits that are free on the lock, and a slot: kept for three minutes for this user of this program.',
    success: Type.Object({ pin: Type.String(), slot: Type.Integer() }),
    handler: async ({ caller, params }) => partnerPins.reserve(caller, params.lockID),
  });

  for (const method of ['PUT', 'POST'] as const) {
    yaleRoute(api, {
      ...shared,
      method,
      url: '/locks/:lockID/pins/transfer',
      summary: 'Give a code to another user',
      purpose: 'The digits and the slot stay: nothing is asked of the lock.',
      body: Type.Object({ oldUserID: Uuid, newUserID: Uuid }),
      example: {
        oldUserID: 'b13c2960-0346-4352-9b7b-6dd2682a615b',
        newUserID: '7b14406f-6e5e-4539-9241-498262c20b44',
      },
      success: Success,
      handler: async ({ caller, params, body }) => {
        await partnerPins.transfer(caller, params.lockID, body.oldUserID, body.newUserID);
        return success;
      },
    });
  }

  yaleRoute(api, {
    ...shared,
    method: 'GET',
    url: '/locks/:lockID/masterpin',
    summary: 'The master code of a lock',
    purpose: 'A code of the lock itself, and of nobody. For superusers.',
    success: MasterPinShown,
    handler: async ({ caller, params }) =>
      masterPinView(params.lockID, (await partnerPins.master(caller, params.lockID)).pin),
  });

  yaleRoute(api, {
    ...shared,
    method: 'PUT',
    url: '/locks/:lockID/masterpin',
    summary: 'Set the master code of a lock',
    purpose: 'Written down and answered at once. For superusers.',
    body: Type.Object({
      pin: Type.Union([Type.String({ maxLength: 20 }), Type.Integer({ minimum: 0 })]),
      webhook: Type.Optional(Type.String({ pattern: '^https', maxLength: 2000 })),
    }),
    example: { pin: '48213907' },
    success: Success,
    handler: async ({ caller, params, body }) => {
      await partnerPins.setMaster(caller, params.lockID, String(body.pin)).catch(withPrefix);
      return success;
    },
  });
}

/** Of several, the answer tells which. */
function read(command: GivenCommand, index: number | null) {
  try {
    return readPinCommand(command);
  } catch (error) {
    if (!(error instanceof Problem) || index === null) throw error;
    throw new Problem(error.code, `commands[${index}]: ${error.message}`, { field: error.field ?? 'commands' });
  }
}

/** Clients know what does not fit by how it begins. */
function withPrefix(error: unknown): never {
  if (!(error instanceof Problem) || (error.code !== 'CONFLICT' && error.code !== 'NOT_SUPPORTED')) throw error;
  const { retryAfterSeconds } = error;
  const later = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  throw new Problem('CONFLICT', `Unable to set intent state for pin: ${error.message}`, later);
}
