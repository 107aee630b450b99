import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Ends a test run with one plain line, last of all: `12 passed, 0 failed`, and `, 3 skipped` when there are any. Whatever
 * makes the run fail counts as failed: a test, a hook around tests, a file that did not load, the run itself.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state] += 1;
      }
      // a file that did not load has no tests to count, and a hook is none
      for (const one of [module, ...module.children.allSuites()]) if (one.errors().length > 0) count.failed += 1;
    }
    const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
    process.on('exit', (code) => {
      const failed = code === 0 ? count.failed : Math.max(1, count.failed); // what fails after all tests is none of them
      process.stdout.write(`${count.passed} passed, ${failed} failed${skipped}\n`);
    });
  }
}
