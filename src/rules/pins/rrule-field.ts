import { invalid } from '../errors.ts';
import type { Instant } from '../instant.ts';
import { RuleFault, readRecurrence } from '../time/recurrence.ts';

/** What the formats of callers leave to the lock: its zone, and when the code is made. */
export type Where = { zone: string; now: Instant };

/** The body of an RRULE, as it is kept: without `RRULE:`. */
export function rruleIn(field: string, text: string): string {
  try {
    readRecurrence(text);
  } catch (error) {
    if (error instanceof RuleFault) throw invalid(field, `${field}: ${error.message}`);
    throw error;
  }
  return text.trim().replace(/^RRULE:/i, '');
}
