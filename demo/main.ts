/**
 * The demo: the same server, with simulators in place of vendors and the demo building seeded through the real services.
 * Everything lies under DATA_DIR; starting again keeps it.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startSimulators } from '../simulators/start.ts';
import { boot, type Keystead } from '../src/boot.ts';
import { mailConfig, parseConfig } from '../src/config.ts';
import { systemClock } from '../src/host/clock.ts';
import { createLog } from '../src/host/log.ts';
import { building } from './building.ts';
import { credentials } from './credentials.ts';
import { type DemoFile, readDemo, writeDemo } from './demo-file.ts';
import { hardware } from './hardware.ts';
import { seed } from './seed.ts';
import { hearLocks } from './seed-doors.ts';

async function main(): Promise<void> {
  const asked = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => asked.abort(new Error('The demo was asked to end before it was up.')));
  }
  const environment = parseConfig({ LOG_LEVEL: 'warn', ...process.env });
  await mkdir(environment.dataDir, { recursive: true, mode: 0o755 });
  const known = await readDemo(environment.dataDir);
  const secrets = await credentials(environment.dataDir);
  let demo: DemoFile | null = null;
  const simulators = await startSimulators({
    dir: path.join(path.resolve(environment.dataDir), 'simulators'),
    ...hardware(systemClock.now()),
    webhookUrl: `${localUrl(environment)}/api/stripe/webhook`,
    links: () => (demo === null ? [] : links(demo)),
  });
  const config = {
    ...environment,
    stripeBaseUrl: simulators.stripe.url,
    mail: environment.mail ?? mailConfig(simulators.mail.smtpUrl, `${building.company} <laundry@keystead.example>`),
    adminPassword: environment.adminPassword ?? secrets.adminPassword,
    adminEmail: `${environment.adminUsername}@keystead.example`,
    cronSecret: environment.cronSecret ?? secrets.cronSecret,
  };
  let keystead: Keystead | null = null;
  try {
    keystead = await boot({ config, log: createLog(config.logLevel), signal: asked.signal });
    const ids = await seed(
      keystead.app,
      simulators,
      { email: config.adminEmail, password: config.adminPassword },
      { devices: known !== null, doors: known?.ids.doors !== undefined },
    );
    await hearLocks(keystead.app, simulators.ttlock, localUrl(environment));
    demo = demoFile(ids);
    await writeDemo(config.dataDir, demo);
  } catch (error) {
    await keystead?.close();
    await simulators.close();
    throw error;
  }
  greet(demo, path.join(config.dataDir, 'demo.json'));

  const running = keystead;
  const stop = async (code: number): Promise<void> => {
    await running.close();
    await simulators.close();
    process.exit(code);
  };
  asked.signal.addEventListener('abort', () => void stop(0));
  if (asked.signal.aborted) return stop(0);
  void keystead.lost.then((error) => {
    process.stderr.write(`${error.message}\n`);
    return stop(1);
  });

  /** Written whole at seeding; later starts change addresses alone. */
  function demoFile(seeded: DemoFile['ids'] | null): DemoFile {
    const nothing: DemoFile['ids'] = { locations: {}, devices: {}, doors: {}, locks: {} };
    const kept = known?.ids.doors === undefined ? null : known.ids;
    const ids: DemoFile['ids'] = { ...nothing, ...(kept ?? seeded ?? known?.ids) };
    const payUrl = (uid = ''): string => `${config.publicUrl}/pay/${uid}`;
    return {
      baseUrl: config.publicUrl,
      console: {
        username: config.adminUsername,
        password: config.adminPassword,
        email: config.adminEmail,
        ...known?.console,
        url: `${config.publicUrl}/console`,
      },
      guest: {
        washerPayUrl: payUrl(ids.devices[building.washer]?.uid),
        doorPayUrl: payUrl(ids.doors[building.entrance]?.uid),
      },
      simulators: {
        stripe: simulators.stripe.url,
        shelly: simulators.shelly.url,
        ttlock: simulators.ttlock.url,
        building: simulators.building.url,
        mail: simulators.mail.url,
      },
      stripe: { secretKey: simulators.stripe.secretKey, webhookSecret: simulators.stripe.webhookSecret },
      cronSecret: config.cronSecret,
      ids,
    };
  }
}

/** Where the simulators reach the server: by loopback, whatever its public address. */
function localUrl(config: { host: string; port: number }): string {
  const everywhere = config.host === '0.0.0.0' || config.host === '::';
  return `http://${everywhere ? '127.0.0.1' : config.host}:${config.port}`;
}

const links = (demo: DemoFile) => [
  { label: 'Pay page of Washer 1', url: demo.guest.washerPayUrl },
  { label: 'Pay page of the gym entrance', url: demo.guest.doorPayUrl },
  { label: 'Mail inbox', url: demo.simulators.mail },
  { label: 'API reference', url: `${demo.baseUrl}/api/docs` },
  { label: 'Console', url: demo.console.url },
];

function greet(demo: DemoFile, file: string): void {
  process.stdout.write(
    [
      '',
      'The demo building stands. Open:',
      `  Pay for Washer 1    ${demo.guest.washerPayUrl}   (card 4242 4242 4242 4242)`,
      `  Enter the gym       ${demo.guest.doorPayUrl}   (then press the code in the virtual building)`,
      `  Virtual building    ${demo.simulators.building}   (see the relays, pull the plug, press the keypads)`,
      `  Mail inbox          ${demo.simulators.mail}   (what guests are mailed)`,
      `  API reference       ${demo.baseUrl}/api/docs`,
      '',
      `  Administrator       ${demo.console.username}, password in ${file}`,
      '',
      '',
    ].join('\n'),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
