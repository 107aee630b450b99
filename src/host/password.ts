import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../rules/errors.ts';
import { createTurns } from './turns.ts';

/**
 * Passwords: argon2id, 19 MiB and two passes (OWASP's first choice). Hashing takes threads that files and names need too,
 * so only two run at once; a flood of sign-ins is told to come back and does not slow the doors.
 */
export type Passwords = {
  /** The PHC text to store. */
  hash(password: string): Promise<string>;
  /** A null hash stands for an unknown name: takes as long, and is false. */
  verify(hash: string | null, password: string): Promise<boolean>;
};

const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
const atOnce = 2;
const mostWaiting = 200;

export function createPasswords(): Passwords {
  const turns = createTurns(atOnce, mostWaiting);
  const turn = <T>(work: () => Promise<T>): Promise<T> => {
    const taken = turns.take(work);
    if (taken === null) throw new Problem('UNAVAILABLE', undefined, { retryAfterSeconds: 5 });
    return taken;
  };
  let nobody: Promise<string> | undefined;
  const hashOfNobody = (): Promise<string> => {
    nobody ??= hash('nobody has this password', options);
    return nobody;
  };
  return {
    hash: async (password) => turn(() => hash(password, options)),
    verify: async (stored, password) => {
      const against = stored ?? (await hashOfNobody());
      const right = await turn(() => verify(against, password));
      return right && stored !== null;
    },
  };
}
