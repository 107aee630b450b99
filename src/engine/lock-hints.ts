import type { LockHints } from './port.ts';

/** As at-once, for the codes of locks: from what was just committed straight to the engine of the same process. */
export function createLockHints(): LockHints & { serve(hurry: LockHints['hurry']): { stop(): void } } {
  const state: { serving: LockHints['hurry'] | null } = { serving: null };
  return {
    hurry: (organizationId, id) => state.serving?.(organizationId, id),
    serve(hurry) {
      state.serving = hurry;
      return {
        stop: () => {
          state.serving = null;
        },
      };
    },
  };
}
