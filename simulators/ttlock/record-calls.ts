/** What locks have told of who opened them, newest first. */
import type { Call } from './call.ts';
import { lockOf, type RecordRow } from './cloud.ts';
import { paged } from './form.ts';

/** Negative numbers ask for several kinds. */
const groups: Record<number, number[]> = { [-4]: [57, 58, 61, 62] };

/** As in lists, and as in what is pushed. */
export function recordView(row: RecordRow) {
  return {
    lockId: row.lockId,
    recordTypeFromLock: row.fromLock,
    recordType: row.type,
    success: row.success ? 1 : 0,
    username: row.username,
    keyboardPwd: row.keyboardPwd,
    lockDate: row.at,
    serverDate: row.serverDate,
  };
}

export const recordCalls: Record<string, Call> = {
  '/v3/lockRecord/list': {
    does: 'looking',
    run(form, { cloud }) {
      const lock = lockOf(cloud, form.whole('lockId'), 'admin');
      const page = form.page(100);
      const [from, until] = [form.wholeOr('startDate', 0), form.wholeOr('endDate', 0)];
      const type = form.wholeOr('recordType', null);
      const types = type === null ? null : (groups[type] ?? [type]);
      const search = form.text('searchStr');
      const found = cloud.records
        .all()
        .filter((row) => row.lockId === lock.data.lockId && row.at >= from && (until === 0 || row.at <= until))
        .filter(
          (row) => (types === null || types.includes(row.type)) && (search === null || row.keyboardPwd === search),
        )
        .toSorted((a, b) => b.at - a.at || b.recordId - a.recordId);
      return paged(
        found.map((row) => ({ recordId: row.recordId, ...recordView(row), electricQuantity: row.electricQuantity })),
        page,
      );
    },
  },
};
