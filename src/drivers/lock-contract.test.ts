import { describe } from 'vitest';
import { systemClock } from '../host/clock.ts';
import { lockOperations } from './contract/lock-operations.ts';
import type { LockRigMaker } from './contract/lock-rig.ts';
import { lockCourse } from './contract/lock-trial.ts';
import { sweep } from './contract/sweep.ts';
import { testCells } from './contract/test-cells.ts';
import { ttlockRig } from './ttlock/testing/ttlock-rig.ts';
import { yaleRig } from './yale/testing/yale-rig.ts';

/** Every driver of locks joins here with its rig, and must keep every promise of the port under every fault. */
const rigs: LockRigMaker[] = [ttlockRig, yaleRig];

describe.each(rigs)('the contract of a driver of locks: $name', (maker) => {
  const operations = lockOperations.map(({ name }) => name);
  testCells(operations, () => sweep(lockCourse(maker, systemClock)));
});
