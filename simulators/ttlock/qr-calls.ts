/** QR codes that the platform makes and a lock with a camera reads without any network. */
import { md5 } from './account.ts';
import { type Answer, type Call, type Context, done } from './call.ts';
import { lockOf, type QrRow } from './cloud.ts';
import { Refusal } from './errors.ts';
import { type Form, objectsFrom, paged, stretchFrom, weekDaysFrom } from './form.ts';
import { MINUTE, type Stretch } from './local-time.ts';
import type { Lock } from './lock.ts';
import { stateOf, writeTicket } from './qr-content.ts';

type Times = Pick<QrRow, 'startDate' | 'endDate' | 'stretches'>;

/** The hours of all days must be the same. */
function cyclesFrom(form: Form): Stretch[] | null {
  const given = form.json('cyclicConfig');
  if (given === null) return null;
  const stretches = objectsFrom(given).map(({ weekDay, startTime, endTime }) =>
    stretchFrom(weekDaysFrom([weekDay]), startTime, endTime),
  );
  const [first] = stretches;
  if (stretches.some(({ start, end }) => start !== first?.start || end !== first?.end)) throw new Refusal(-3);
  return stretches;
}

function timesFrom(form: Form, type: QrRow['type'], before: Times): Times {
  if (type === 2) return { startDate: null, endDate: null, stretches: null };
  const startDate = form.wholeOr('startDate', before.startDate);
  const endDate = form.wholeOr('endDate', before.endDate);
  const stretches = type === 4 ? (cyclesFrom(form) ?? before.stretches) : null;
  if (type === 4 && stretches === null) throw new Refusal(-3);
  if (type === 1 && (startDate === null || endDate === null)) throw new Refusal(-3);
  if (startDate !== null && endDate !== null && endDate <= startDate) throw new Refusal(-3);
  return { startDate, endDate, stretches };
}

function refreshFrom(form: Form, before: number): number {
  const minutes = form.wholeOr('refreshTime', before);
  if (minutes < 1 || minutes > 1440) throw new Refusal(-3);
  return minutes;
}

function ownOf(form: Form, { cloud }: Context): { row: QrRow; lock: Lock } {
  const row = cloud.qrs.get(String(form.whole('qrCodeId')));
  if (row === undefined) throw new Refusal(-3);
  return { row, lock: lockOf(cloud, row.lockId, 'admin') };
}

/** What a reader must be shown now; null outside its times. */
export function contentOf(row: QrRow, { seed, clock }: Pick<Context, 'seed' | 'clock'>): string | null {
  const { lockId, number, startDate, endDate, stretches, refreshMinutes } = row;
  const now = clock.now();
  if (stateOf(row, now) !== 'now') return null;
  const freshMs = refreshMinutes * MINUTE;
  return writeTicket(seed, { lockId, number, startDate, endDate, stretches, madeAt: now, freshMs });
}

const linkOf = (row: QrRow, url: string): string => `${url}/qr/${row.token}`;

function viewOf(row: QrRow, now: number): Answer {
  const { type, number: qrCodeNumber, name, startDate, endDate, stretches, refreshMinutes } = row;
  const cycles = stretches?.map(({ weekDays, start, end }) => ({
    weekDay: weekDays[0],
    startTime: start,
    endTime: end,
  }));
  return {
    type,
    qrCodeNumber,
    name: name ?? '',
    ...(startDate === null ? {} : { startDate }),
    ...(endDate === null ? {} : { endDate }),
    ...(cycles === undefined ? {} : { cyclicConfig: cycles }),
    refreshTime: refreshMinutes,
    status: { now: 1, over: 2, 'not-yet': 3 }[stateOf(row, now)],
  };
}

export const qrCalls: Record<string, Call> = {
  '/v3/qrCode/add': {
    does: 'switching',
    run(form, context) {
      const { cloud } = context;
      const lock = lockOf(cloud, form.whole('lockId'), 'admin');
      if (!lock.data.hasCamera || form.wholeOr('addType', 0) !== 0) throw new Refusal(-4043);
      const type = form.oneOf('type', [1, 2, 4]);
      const times = timesFrom(form, type, { startDate: null, endDate: null, stretches: null });
      const refreshMinutes = refreshFrom(form, 10);
      const [qrCodeId, number, createDate] = [cloud.next('qr'), cloud.next('qr number'), context.clock.now()];
      const { lockId } = lock.data;
      const token = md5(`${context.seed} qr page ${qrCodeId}`);
      // a platform that lies tells of a code of no lock
      const really = context.trouble === 'lying-ok' ? 0 : lockId;
      const common = { qrCodeId, lockId: really, number, type, name: form.text('name'), ...times };
      const row: QrRow = { ...common, refreshMinutes, createDate, token };
      if (really !== 0) cloud.qrs.put(String(qrCodeId), row);
      if (context.trouble === 'outside-change') cloud.qrs.drop(String(qrCodeId));
      cloud.commit();
      return { qrCodeId, qrCodeNumber: number, link: linkOf(row, context.url) };
    },
  },
  '/v3/qrCode/getData': {
    does: 'looking',
    run(form, context) {
      const { row, lock } = ownOf(form, context);
      const qrCodeContent = contentOf(row, context);
      return {
        lockAlias: lock.data.name,
        ...viewOf(row, context.clock.now()),
        ...(qrCodeContent === null ? {} : { qrCodeContent }),
      };
    },
  },
  '/v3/qrCode/list': {
    does: 'looking',
    run(form, { cloud, clock, username, url }) {
      const lock = lockOf(cloud, form.whole('lockId'), 'admin');
      const page = form.page(100);
      const name = form.text('name') ?? '';
      const found = cloud.qrs
        .all()
        .filter((row) => row.lockId === lock.data.lockId && (row.name ?? '').includes(name))
        .toReversed();
      const list = found.map((row) => {
        const { qrCodeId, lockId, createDate } = row;
        const more = { createDate, creator: username, link: linkOf(row, url), qrCodeVersion: 1 };
        return { qrCodeId, lockId, ...viewOf(row, clock.now()), qrCodeNumber: String(row.number), ...more };
      });
      return paged(list, page);
    },
  },
  '/v3/qrCode/update': {
    does: 'switching',
    run(form, context) {
      const { row } = ownOf(form, context);
      if (form.wholeOr('changeType', 0) !== 0) throw new Refusal(-4043);
      if (form.wholeOr('type', row.type) !== row.type) throw new Refusal(-3);
      const times = timesFrom(form, row.type, row);
      const refreshMinutes = refreshFrom(form, row.refreshMinutes);
      const next = { ...row, ...times, refreshMinutes, name: form.text('name') ?? row.name };
      if (context.trouble !== 'lying-ok') context.cloud.qrs.put(String(row.qrCodeId), next);
      if (context.trouble === 'outside-change') context.cloud.qrs.put(String(row.qrCodeId), row);
      context.cloud.commit();
      return done();
    },
  },
  /** What was shown before stays good until it is stale: the lock has no way to hear of it. */
  '/v3/qrCode/delete': {
    does: 'switching',
    run(form, context) {
      const { row } = ownOf(form, context);
      if (form.wholeOr('deleteType', 0) !== 0) throw new Refusal(-4043);
      if (context.trouble !== 'lying-ok') context.cloud.qrs.drop(String(row.qrCodeId));
      context.cloud.commit();
      return done();
    },
  },
};
