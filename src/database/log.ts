/** What the database's rooms need of a logger; pino's fits. Facts first, then one sentence. */
export type Log = {
  debug(facts: object, text: string): void;
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
};

export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
