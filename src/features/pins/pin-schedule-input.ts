import { invalid } from '../../rules/errors.ts';
import type { Instant } from '../../rules/instant.ts';
import { type AccessType, checkedSchedule, readWritten, type Written } from '../../rules/pins/formats.ts';
import type { Where } from '../../rules/pins/rrule-field.ts';
import { nextWindow, type Schedule } from '../../rules/pins/schedule.ts';

/** Times of a code: in fields of their own, or as another API writes them. */
export type ScheduleInput = Written & {
  accessType?: AccessType;
  from?: Instant;
  until?: Instant;
  rule?: string;
  startSecond?: number;
  endSecond?: number;
  /** Decided already. */
  times?: Schedule;
};

/** null: nothing is said of times. Of one that is changed, what is not named stays. Throws a 400 that names the field; also for what would never open. */
export function readSchedule(
  input: ScheduleInput,
  where: Where,
  before: Schedule = { kind: 'always' },
): { schedule: Schedule; written: Written | null } | null {
  if (input.times !== undefined) return { schedule: input.times, written: null };
  const { accessTimes, accessRecurrence, schedule, accessType = before.kind } = input;
  const written: Written = {
    ...(accessTimes === undefined ? {} : { accessTimes }),
    ...(accessRecurrence === undefined ? {} : { accessRecurrence }),
    ...(schedule === undefined ? {} : { schedule }),
  };
  const isWritten = Object.keys(written).length > 0;
  const named = [input.from, input.until, input.rule, input.startSecond, input.endSecond].some(
    (one) => one !== undefined,
  );
  if (!isWritten && !named && input.accessType === undefined) return null;
  refuseUnfitting(accessType, input, written);
  const read = isWritten
    ? readWritten(accessType, written, where)
    : fromFields(accessType, { ...(before.kind === accessType ? before : {}), ...input }, where);
  if (nextWindow(read, where.zone, where.now) === null) {
    throw invalid(
      isWritten ? (schedule === undefined ? 'accessTimes' : 'schedule') : 'until',
      'It would never open: its time is over',
    );
  }
  return { schedule: read, written: isWritten ? written : null };
}

const fitting: Record<AccessType, readonly string[]> = {
  always: [],
  temporary: ['from', 'until', 'accessTimes', 'schedule'],
  recurring: ['from', 'until', 'rule', 'startSecond', 'endSecond', 'accessTimes', 'accessRecurrence', 'schedule'],
  oneTime: ['from', 'until', 'accessTimes', 'schedule'],
};

/** Times that would be passed over in silence make a code that opens longer than its caller meant. */
function refuseUnfitting(accessType: AccessType, input: ScheduleInput, written: Written): void {
  const { from, until, rule, startSecond, endSecond } = input;
  const named = Object.entries({ from, until, rule, startSecond, endSecond }).filter(
    ([, value]) => value !== undefined,
  );
  const given = [...named.map(([field]) => field), ...Object.keys(written)];
  const other = given.find((field) => !fitting[accessType].includes(field));
  if (other !== undefined) throw invalid(other, `${other} does not go with accessType ${accessType}`);
  const [first] = Object.keys(written);
  if (first !== undefined && named[0] !== undefined)
    throw invalid(named[0][0], `${named[0][0]} does not go with ${first}`);
}

function fromFields(accessType: AccessType, input: ScheduleInput, where: Where): Schedule {
  const { from, until, rule, startSecond, endSecond } = input;
  if (accessType === 'always') return { kind: 'always' };
  const end = until === undefined ? {} : { until };
  if (accessType === 'oneTime')
    return checkedSchedule('until', { kind: 'oneTime', from: from ?? where.now, ...end }, where);
  if (accessType === 'temporary') {
    if (until === undefined) throw invalid('until', 'until is required for temporary');
    return checkedSchedule('until', { kind: 'temporary', from: from ?? where.now, until }, where);
  }
  if (rule === undefined) throw invalid('rule', 'rule is required for recurring');
  if (startSecond === undefined) throw invalid('startSecond', 'startSecond is required for recurring');
  if (endSecond === undefined) throw invalid('endSecond', 'endSecond is required for recurring');
  const begin = from === undefined ? {} : { from };
  return checkedSchedule('rule', { kind: 'recurring', rule, startSecond, endSecond, ...begin, ...end }, where);
}
