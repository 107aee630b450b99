import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../host/clock.ts';
import { faultClasses, faultFacts } from './contract/faults.ts';
import { lockOperations } from './contract/lock-operations.ts';
import type { LockRigMaker } from './contract/lock-rig.ts';
import { lockCourse } from './contract/lock-trial.ts';
import { type Sweep, sweep } from './contract/sweep.ts';
import { isEmpty, tableOf } from './contract/table.ts';
import { ttlockRig } from './ttlock/testing/ttlock-rig.ts';

/** Every driver of locks joins here with its rig, and must keep every promise of the port under every fault. */
const rigs: LockRigMaker[] = [ttlockRig];

describe.each(rigs)('the contract of a driver of locks: $name', (maker) => {
  let done: Sweep;
  beforeAll(async () => {
    done = await sweep(lockCourse(maker, systemClock));
  }, 180_000);

  const cells = lockOperations.flatMap(({ name }) =>
    faultClasses.map((fault) => [name, faultFacts[fault].title, fault] as const),
  );
  test.each(cells)('%s, %s: nothing is claimed that is not so', (operation, _, fault) => {
    const cell = done.cells.find((one) => one.operation === operation && one.fault === fault);
    expect(cell?.broken).toEqual([]);
  });

  test('no cell is empty, and what cannot exist on its wire says why', ({ task: { file } }) => {
    file.meta.driverContracts = [...(file.meta.driverContracts ?? []), { sweep: done, table: tableOf(done) }];
    expect(done.cells.length).toBe(lockOperations.length * faultClasses.length);
    expect(done.cells.filter(isEmpty)).toEqual([]);
    for (const cell of done.cells) expect(cell.impossible ?? 'a reason of some length').toMatch(/^.{15,}/);
  });
});
