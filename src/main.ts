/** The process: reads the configuration, boots, closes gracefully. Nothing else. */
import { boot, type Keystead } from './boot.ts';
import { parseConfig } from './config.ts';
import { processClock } from './host/clock.ts';
import { createLog } from './host/log.ts';

async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < 24)
    fail('Keystead needs Node 24, which npm installed: use npm start.');
  const config = parseConfig(process.env);
  const log = createLog(config.logLevel);
  const asked = new AbortController();
  let keystead: Keystead | null = null;
  const stop = (code: number): void => {
    asked.abort(new Error('Keystead was asked to end before it was up.'));
    void keystead?.close().then(() => process.exit(code));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(0));
  keystead = await boot({ config, log, clock: processClock, signal: asked.signal });
  greet(keystead, config.publicUrl);
  if (asked.signal.aborted) stop(0);
  void keystead.lost.then((error) => {
    log.fatal({ err: error }, 'Keystead ends: something under it was lost.');
    stop(1);
  });
}

function greet({ firstAdministrator }: Keystead, publicUrl: string): void {
  process.stdout.write(`Keystead is ready: ${publicUrl}\nAPI reference:      ${publicUrl}/api/docs\n`);
  if (firstAdministrator.kind !== 'created' || firstAdministrator.password === null) return;
  const { account, password } = firstAdministrator;
  process.stdout.write(`First administrator: ${account.username}\nPassword, shown only now: ${password}\n`);
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

main().catch((error: unknown) => {
  const debugging = process.env.LOG_LEVEL === 'debug' || process.env.LOG_LEVEL === 'trace';
  if (!(error instanceof Error)) fail(String(error));
  fail(debugging && error.stack !== undefined ? error.stack : error.message);
});
