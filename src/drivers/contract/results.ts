import { inspect } from 'node:util';
import { VendorFault } from '../port.ts';

/** What a call came to that gave no value. */
export type Failed = { kind: 'vendor-fault'; fault: VendorFault } | { kind: 'threw'; error: unknown };

/** Calls, and makes a value of whatever is thrown. */
export async function tried<Value>(call: () => Promise<Value>): Promise<Value | Failed> {
  try {
    return await call();
  } catch (error) {
    return error instanceof VendorFault ? { kind: 'vendor-fault', fault: error } : { kind: 'threw', error };
  }
}

type Worded =
  | Failed
  | { kind: 'ended'; outcome: { kind: string; reason?: string } }
  | { kind: 'observed'; observation: { kind: string; reason?: string } }
  | { kind: 'listed' | 'described' | 'told' };

/** The word in the cell. */
export function wordOf(result: Worded): string {
  switch (result.kind) {
    case 'ended':
      return result.outcome.kind === 'refused' ? `refused:${result.outcome.reason}` : result.outcome.kind;
    case 'observed': {
      const { kind, reason = 'unreachable' } = result.observation;
      return kind === 'unreachable' ? `unreachable:${reason}` : 'seen';
    }
    case 'vendor-fault':
      return `fault:${result.fault.reason}`;
    default:
      return result.kind;
  }
}

/** Whether one of the secrets stands in anything that was said. */
export function shows(said: unknown, secrets: readonly string[]): boolean {
  const text = inspect(said, { depth: 12, breakLength: Number.POSITIVE_INFINITY });
  return secrets.some((secret) => text.includes(secret));
}
