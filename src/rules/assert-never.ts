/** Closes a union: the compiler complains when a kind is not handled, and a wrong row at run time is not passed over. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled kind: ${JSON.stringify(value)}`);
}
