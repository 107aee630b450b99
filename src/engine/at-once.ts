import type { OrganizationId, SessionId } from '../rules/ids.ts';

/**
 * From what was just committed straight to the engine of the same process: a guest who has paid waits for the next moment,
 * not for the next round. Nothing is lost where nobody serves, or where the process dies: `wake_at` stands in the database,
 * and the rounds of every process look at it.
 */
type Hurry<Id> = (organizationId: OrganizationId, id: Id) => void;

export function createAtOnce<Id = SessionId>(): {
  hurry: Hurry<Id>;
  serve(hurry: Hurry<Id>): { stop(): void };
} {
  let serving: Hurry<Id> | null = null;
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
