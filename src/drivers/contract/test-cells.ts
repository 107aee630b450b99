import { beforeAll, expect, test } from 'vitest';
import { faultClasses, faultFacts } from './faults.ts';
import type { Sweep } from './sweep.ts';
import { isEmpty, tableOf } from './table.ts';

/** A test for every cell of a driver's table, within its `describe`; the table is shown at the end of the run. */
export function testCells(operations: readonly string[], swept: () => Promise<Sweep>): void {
  let done: Sweep;
  beforeAll(async () => {
    done = await swept();
  }, 180_000);

  const cells = operations.flatMap((operation) =>
    faultClasses.map((fault) => [operation, faultFacts[fault].title, fault] as const),
  );
  test.each(cells)('%s, %s: nothing is claimed that is not so', (operation, _, fault) => {
    const cell = done.cells.find((one) => one.operation === operation && one.fault === fault);
    expect(cell?.broken).toEqual([]);
  });

  test('no cell is empty, and what cannot exist on its wire says why', ({ task: { file } }) => {
    file.meta.driverContracts = [...(file.meta.driverContracts ?? []), { sweep: done, table: tableOf(done) }];
    expect(done.cells.length).toBe(operations.length * faultClasses.length);
    expect(done.cells.filter(isEmpty)).toEqual([]);
    for (const cell of done.cells) expect(cell.impossible ?? 'a reason of some length').toMatch(/^.{15,}/);
  });
}

declare module 'vitest' {
  interface TaskMeta {
    driverContracts?: { sweep: Sweep; table: string }[];
  }
}
