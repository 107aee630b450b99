import type { LockOutcome, PassageSchedule } from '../lock-port.ts';
import { type Ask, receipt, send } from './ask.ts';

const [on, off] = [1, 2] as const;
const byGateway = 2;

/** It opens by itself when the time comes, without anybody who unlocks first: the way is free then. */
export async function setPassage(ask: Ask, schedule: PassageSchedule | null): Promise<LockOutcome> {
  const fields =
    schedule === null
      ? { passageMode: off, autoUnlock: off }
      : {
          passageMode: on,
          isAllDay: schedule.allDay ? on : off,
          startDate: schedule.allDay ? 0 : schedule.fromMinute,
          endDate: schedule.allDay ? 1440 : schedule.untilMinute,
          weekDays: JSON.stringify([...schedule.weekdays].sort((a, b) => a - b)),
          autoUnlock: on,
        };
  return receipt(await send(ask, '/v3/lock/configPassageMode', { ...fields, type: byGateway }), 'the free passage');
}
