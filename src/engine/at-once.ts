import type { SessionId } from '../rules/ids.ts';
import type { AtOnce } from './port.ts';

/**
 * From what was just committed straight to the engine of the same process: a guest who has paid waits for the next moment,
 * not for the next round. Nothing is lost where nobody serves, or where the process dies: `wake_at` stands in the database,
 * and the rounds of every process look at it.
 */
export function createAtOnce<Id = SessionId>(): AtOnce<Id> & { serve(hurry: AtOnce<Id>['hurry']): { stop(): void } } {
  let serving: AtOnce<Id>['hurry'] | null = null;
  return {
    hurry: (organizationId, id) => serving?.(organizationId, id),
    serve(hurry) {
      serving = hurry;
      return {
        stop: () => {
          serving = null;
        },
      };
    },
  };
}
