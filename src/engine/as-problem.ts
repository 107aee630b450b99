import { VendorFault } from '../drivers/port.ts';
import { Problem } from '../rules/errors.ts';

/** A vendor that could not be asked, as whoever asked may see it: with whose trouble it is. Throws. */
export function asProblem(error: unknown): never {
  if (!(error instanceof VendorFault)) throw error;
  throw new Problem('UPSTREAM_ERROR', error.message, { facts: { reason: error.reason }, cause: error });
}
