/** A code as this API tells it: its times to the letter as they were written. */
import { type Static, Type } from 'typebox';
import type { PartnerPin } from '../../features/partner-pins/partner-pins.service.ts';
import { namesOf } from '../../features/people/people.service.ts';
import { iso } from '../../rules/instant.ts';
import { accessTypes } from '../../rules/pins/formats.ts';
import type { Schedule } from '../../rules/pins/schedule.ts';

const text = Type.Optional(Type.String());
const state = Type.Enum(['created', 'loaded', 'disabled', 'disabling', 'enabling', 'deleting', 'updating']);

const own = {
  _id: Type.String(),
  type: Type.Literal('pin'),
  lockID: Type.String(),
  userID: Type.String(),
  state,
  pin: Type.String(),
  slot: Type.Integer({ description: '0: nobody counted' }),
  accessType: Type.Enum([...accessTypes]),
  createdAt: Type.String(),
  updatedAt: Type.String(),
  loadedDate: text,
};
export const MasterPinShown = Type.Object(own);
export const PinShown = Type.Object({
  ...own,
  callingUserID: Type.String(),
  apiKey: Type.String({ description: 'The client id of the program that asked' }),
  firstName: Type.String(),
  lastName: Type.String(),
  unverified: Type.Boolean(),
  partnerUserID: text,
  accessTimes: text,
  accessRecurrence: text,
  schedule: text,
  accessStartTime: text,
  accessEndTime: text,
  failure: Type.Optional(
    Type.Object({ reason: Type.String({ description: 'Why it is not on the lock as it should be' }) }),
  ),
});
const list = Type.Array(PinShown);
export const PinsShown = Type.Object({
  created: list,
  loaded: list,
  disabled: list,
  disabling: list,
  enabling: list,
  deleting: list,
  updating: list,
});

export function pinsView(lockId: string, pins: readonly PartnerPin[]): Static<typeof PinsShown> {
  const lists: Static<typeof PinsShown> = {
    created: [],
    loaded: [],
    disabled: [],
    disabling: [],
    enabling: [],
    deleting: [],
    updating: [],
  };
  for (const pin of pins) if (pin.row.state !== 'gone') lists[pin.row.state].push(pinView(lockId, pin));
  return lists;
}

export function masterPinView(lockId: string, { row, pin, userId }: PartnerPin): Static<typeof MasterPinShown> {
  return {
    _id: row.id,
    type: 'pin',
    lockID: lockId,
    userID: userId,
    state: row.state === 'gone' ? 'deleting' : row.state,
    pin,
    slot: row.slot ?? row.placement?.present?.slot ?? 0,
    accessType: row.access_type,
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
    ...(row.state === 'loaded' ? { loadedDate: iso(row.loaded_at ?? row.updated_at) } : {}),
  };
}

function pinView(lockId: string, shown: PartnerPin): Static<typeof PinShown> {
  const { row, user, callerId } = shown;
  const { firstName, lastName } = namesOf(user ?? { name: row.label ?? '', first_name: null, last_name: null });
  const reason = row.conflict === null ? row.trouble : 'conflict';
  return {
    ...masterPinView(lockId, shown),
    callingUserID: callerId,
    apiKey: row.api_client_id ?? '',
    firstName,
    lastName,
    unverified: user?.hasAccount !== true,
    ...(user === null || user.partner_user_id === null ? {} : { partnerUserID: user.partner_user_id }),
    ...(row.as_written ?? written(row.schedule)),
    ...(row.schedule.kind === 'temporary'
      ? { accessStartTime: iso(row.schedule.from), accessEndTime: iso(row.schedule.until) }
      : {}),
    ...(reason === null ? {} : { failure: { reason } }),
  };
}

/** Of a code whose times were never written in this API's way. */
function written(schedule: Schedule): { accessTimes?: string; accessRecurrence?: string } {
  switch (schedule.kind) {
    case 'always':
      return {};
    case 'recurring':
      return {
        accessTimes: `STARTSEC=${schedule.startSecond};ENDSEC=${schedule.endSecond}`,
        accessRecurrence: schedule.rule,
      };
    case 'temporary':
    case 'oneTime': {
      const end = schedule.until === undefined ? '' : `;DTEND=${iso(schedule.until)}`;
      return { accessTimes: `DTSTART=${iso(schedule.from)}${end}` };
    }
  }
}
