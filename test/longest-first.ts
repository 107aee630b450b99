import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, longest first: two workers end at the same time only when what is left at the end is short.
 * A fresh clone has no record of how long files took, and their size says little. Whatever is not named comes after, files
 * of the same project together.
 */
const longest = [
  'test/replay/schedules.test.ts',
  'test/crash/kill-points.test.ts',
  'test/crash/pins.test.ts',
  'test/crash/random-kills.test.ts',
  'test/crash/entrance.test.ts',
  'test/fuzz/bad-input.test.ts',
  'test/features/doors/buying-a-way-in.test.ts',
  'test/crash/locks.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.indexOf(path.relative(root, moduleId));
      return found < 0 ? longest.length : found;
    };
    const project = ({ project: { name } }: TestSpecification): number => order.indexOf(name);
    const others = await super.sort(files);
    return others.toSorted((a, b) => place(a) - place(b) || project(a) - project(b)); // where equal, as it was
  }
}

/** What waits most comes first, what is done soonest last. */
const order = ['crash', 'browser', 'database', 'by-url', 'by-url-15', 'unit'];
