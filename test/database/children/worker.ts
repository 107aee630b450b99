import { silent } from '../../../src/database/log.ts';
import { startWorkers } from '../../../src/engine/workers.ts';
import { systemClock } from '../../../src/host/clock.ts';

// `worker.ts CONNECTION`: says {ready}, then {began: attempt} for each job, and never finishes one.
const connection: unknown = JSON.parse(process.argv[2] ?? '{}');
const say = (words: object) => process.stdout.write(`${JSON.stringify(words)}\n`);
await startWorkers({
  connection: connection as object,
  concurrency: 1,
  log: silent,
  clock: systemClock,
  tasks: {
    ring: async (_, { attempts }) => {
      say({ began: attempts });
      await new Promise(() => undefined);
    },
  },
});
say({ ready: true });
