import type { AtOnce } from './port.ts';

/**
 * From what is decided straight to the engine of the same process: a guest who has paid waits for the next moment, not for
 * the next round. Nothing is lost where nobody serves, or where the process dies: `wake_at` stands in the database, and the
 * rounds of every process look at it.
 */
export function createAtOnce(): AtOnce & { serve(engine: AtOnce): { stop(): void } } {
  let serving: AtOnce | null = null;
  return {
    hurry: (organizationId, id) => serving?.hurry(organizationId, id),
    begin: async (tx, device, session) => serving?.begin(tx, device, session),
    serve(engine) {
      serving = engine;
      return {
        stop: () => {
          serving = null;
        },
      };
    },
  };
}
