import type { HurryPass } from '../features/passes/passes.service.ts';

/**
 * From what was just committed straight to the engine of the same process: a guest who has paid stands at the door. Nothing is
 * lost where nobody serves: `wake_at` stands in the database.
 */
export function createPassHints() {
  let serving: HurryPass | null = null;
  const hurry: HurryPass = (organizationId, id) => serving?.(organizationId, id);
  return {
    hurry,
    serve(engine: HurryPass): { stop(): void } {
      serving = engine;
      return {
        stop: () => {
          serving = null;
        },
      };
    },
  };
}

export type PassHints = ReturnType<typeof createPassHints>;
