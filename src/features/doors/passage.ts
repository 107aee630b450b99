import type { PassageSchedule } from '../../drivers/lock-port.ts';
import { invalid } from '../../rules/errors.ts';

/** When a door is free to pass, as staff writes it; by the clock on the wall at the door. */
export type PassageInput = { weekdays?: number[]; allDay?: boolean; from?: string; until?: string };

/** Every day, all day: what a lock is told where nothing else was said. */
export const always: PassageSchedule = {
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  allDay: true,
  fromMinute: 0,
  untilMinute: 1440,
};

/** In its one form; null: all day, every day. The route has checked kinds and patterns. */
export function checkedPassage(input: PassageInput | null): PassageSchedule | null {
  if (input === null) return null;
  const weekdays = [...new Set(input.weekdays ?? always.weekdays)].sort((one, other) => one - other);
  if (weekdays.length === 0) throw invalid('passage.weekdays', 'passage.weekdays must name a day, 1 (Monday) to 7');
  const timed = input.from !== undefined || input.until !== undefined;
  if (input.allDay ?? !timed) return { ...always, weekdays };
  if (input.from === undefined || input.until === undefined) {
    throw invalid('passage.from', 'passage.from and passage.until stand together');
  }
  const fromMinute = minuteOf(input.from);
  const untilMinute = minuteOf(input.until);
  if (untilMinute <= fromMinute) throw invalid('passage.until', 'passage.until must be later than passage.from');
  return { weekdays, allDay: false, fromMinute, untilMinute };
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

const textOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

export function shownPassage(schedule: PassageSchedule | null) {
  if (schedule === null) return null;
  const { weekdays, allDay, fromMinute, untilMinute } = schedule;
  return { weekdays: [...weekdays], allDay, from: textOf(fromMinute), until: textOf(untilMinute) };
}
