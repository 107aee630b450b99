import type { Hints } from './port.ts';

/**
 * From what was just committed straight to the engine of the same process: a guest who has paid stands at the door. Nothing is
 * lost where nobody serves: `wake_at` stands in the database.
 */
export function createHints<Id>(): Hints<Id> & { serve(engine: Hints<Id>['hurry']): { stop(): void } } {
  let serving: Hints<Id>['hurry'] | null = null;
  return {
    hurry: (organizationId, id) => serving?.(organizationId, id),
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
