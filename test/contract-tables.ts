import { mkdirSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Shows, once and at the end of a run, what every driver said under every fault (src/drivers/contract.test.ts), and
 * leaves the same in figures beside the coverage.
 */
export default class ContractTables implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const contracts = modules.flatMap((module) => module.meta().driverContracts ?? []);
    if (contracts.length === 0) return;
    process.stdout.write(`\n${contracts.map(({ table }) => table).join('\n')}\n`);
    mkdirSync('coverage', { recursive: true });
    writeFileSync(
      'coverage/driver-contracts.json',
      `${JSON.stringify(
        contracts.map(({ sweep }) => sweep),
        null,
        1,
      )}\n`,
    );
  }
}
