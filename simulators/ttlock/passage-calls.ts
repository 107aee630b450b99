/**
 * Passage times, in which a lock stays open. The older pair of calls knows one stretch, the newer one five; what is
 * answered is what the platform was told last, not what the lock was asked.
 */
import { type Answer, type Call, type Context, command, done, refuseFrozen } from './call.ts';
import { lockOf } from './cloud.ts';
import { Refusal } from './errors.ts';
import { type Form, objectsFrom, stretchFrom, weekDaysFrom } from './form.ts';
import type { Stretch } from './local-time.ts';
import { noPassage, type Passage } from './lock-data.ts';

const MOST_STRETCHES = 5;
const WHOLE_DAY = 1440;
const everyDay = [1, 2, 3, 4, 5, 6, 7];

function stretch(isAllDay: unknown, weekDays: number[], start: unknown, end: unknown): Stretch {
  return isAllDay === 1 ? { weekDays, start: 0, end: WHOLE_DAY } : stretchFrom(weekDays, start, end);
}

function oneStretch(form: Form): Stretch[] {
  const isAllDay = form.oneOf('isAllDay', [1, 2], 2);
  const given = form.json('weekDays');
  if (given === null && isAllDay === 2) throw new Refusal(-3);
  const weekDays = given === null ? everyDay : weekDaysFrom(given);
  return [stretch(isAllDay, weekDays, form.wholeOr('startDate', null), form.wholeOr('endDate', null))];
}

function manyStretches(form: Form): Stretch[] {
  const given = objectsFrom(form.json('cyclicConfig'));
  if (given.length > MOST_STRETCHES) throw new Refusal(-3);
  return given.map(({ isAllDay, weekDays, startTime, endTime }) =>
    stretch(isAllDay, weekDaysFrom(weekDays), startTime, endTime),
  );
}

async function configure(form: Form, context: Context, stretches: (form: Form) => Stretch[]): Promise<Answer> {
  const lock = lockOf(context.cloud, form.whole('lockId'), 'admin');
  const on = form.oneOf('passageMode', [1, 2]) === 1;
  const autoUnlock = form.oneOf('autoUnlock', [1, 2], 2) === 1;
  const passage: Passage = on ? { on, autoUnlock, stretches: stretches(form) } : noPassage();
  const way = form.oneOf('type', [1, 2]);
  refuseFrozen(lock);
  const before = lock.data.passage;
  const act = (): 0 => {
    lock.setPassage(passage);
    return 0;
  };
  if (way === 2) await command(context, lock, act, () => lock.setPassage(before));
  lock.data.cloud.passage = passage;
  lock.save();
  return done();
}

const isAllDay = ({ start, end }: Stretch): boolean => start === 0 && end === WHOLE_DAY;
const told = (form: Form, { cloud }: Context): Passage =>
  lockOf(cloud, form.whole('lockId'), 'admin').data.cloud.passage;
const switches = ({ on, autoUnlock }: Passage) => ({ passageMode: on ? 1 : 2, autoUnlock: autoUnlock ? 1 : 2 });

export const passageCalls: Record<string, Call> = {
  '/v3/lock/configPassageMode': {
    does: 'switching',
    run: (form, context) => configure(form, context, oneStretch),
  },
  '/v3/lock/configurePassageMode': {
    does: 'switching',
    run: (form, context) => configure(form, context, manyStretches),
  },
  '/v3/lock/getPassageModeConfig': {
    does: 'looking',
    run(form, context) {
      const passage = told(form, context);
      const [first] = passage.stretches;
      if (first === undefined) return switches(passage);
      const hours = isAllDay(first) ? {} : { startDate: first.start, endDate: first.end };
      return { ...switches(passage), isAllDay: isAllDay(first) ? 1 : 2, ...hours, weekDays: first.weekDays };
    },
  },
  '/v3/lock/getPassageModeConfiguration': {
    does: 'looking',
    run(form, context) {
      const passage = told(form, context);
      const sorted = passage.stretches.toSorted(
        (a, b) => Number(isAllDay(b)) - Number(isAllDay(a)) || a.start - b.start || a.end - b.end,
      );
      const cyclicConfig = sorted.map((each) => ({
        isAllDay: isAllDay(each) ? 1 : 2,
        startTime: each.start,
        endTime: each.end,
        weekDays: each.weekDays,
      }));
      return { ...switches(passage), cyclicConfig };
    },
  },
};
