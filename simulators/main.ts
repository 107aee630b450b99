/**
 * `npm run simulators`: the simulators alone, remembered in DIR (default ./data/simulators), until SIGTERM or Ctrl-C.
 * `-- --mqtt "Gym lights"` puts a device on a broker beside them, `-- --dial "Washer 1=ws://…"` lets one dial a server.
 */
import path from 'node:path';
import { readArguments } from './arguments.ts';
import type { ShellySpec } from './shelly/start.ts';
import { startSimulators } from './start.ts';
import type { GatewaySpec, LockSpec } from './ttlock/start.ts';
import type { YaleOptions } from './yale/start.ts';

const devices: ShellySpec[] = [
  { name: 'Washer 1', load: { watts: 2050 } },
  { name: 'Washer 2', load: { watts: 2050 } },
  { name: 'Dryer', load: { watts: 2400 }, password: 'dryer' },
  { name: 'Tanning bed', load: { watts: 7800 } },
  { name: 'Gym lights', channels: 2, load: { watts: 120 } },
  { name: 'Massage chair', generation: 1, load: { watts: 150 }, password: 'chair' },
];
const gateways: GatewaySpec[] = [{ name: 'Hall' }];
const locks: LockSpec[] = [
  { name: 'Main entrance', gateway: 'Hall', zoneOffsetMinutes: 60 },
  { name: 'Laundry room', gateway: 'Hall', camera: false, zoneOffsetMinutes: 60 },
  { name: 'Roof terrace', reach: 'wifi', zoneOffsetMinutes: 60 },
  { name: 'Cellar', zoneOffsetMinutes: 60 },
];
const yaleLocks: Pick<YaleOptions, 'bridges' | 'locks'> = {
  bridges: [{ name: 'Annex' }],
  locks: [
    { name: 'Annex door', bridge: 'Annex', doorSensor: true, timeZone: 'Europe/Berlin' },
    { name: 'Garden gate', bridge: 'Annex', type: 1, timeZone: 'Europe/Berlin' },
    { name: 'Boat house', timeZone: 'Europe/Berlin' },
  ],
};

const { broker: seats, dials } = argumentsOrLeave();
const dir = path.resolve(process.env.DIR ?? './data/simulators');
const webhookUrl = process.env.WEBHOOK_URL;
const lockCallbackUrl = process.env.LOCK_CALLBACK_URL;
const simulators = await startSimulators({
  dir,
  devices,
  gateways,
  locks,
  yale: yaleLocks,
  ...(webhookUrl === undefined ? {} : { webhookUrl }),
  ...(lockCallbackUrl === undefined ? {} : { lockCallbackUrl }),
  ...(seats === null ? {} : { broker: seats }),
});
const { stripe, shelly, ttlock, yale, mail, building, broker } = simulators;
for (const { name, url } of dials) shelly.dial(name, url);

const reached = { gateway: 'by a gateway', wifi: 'by its own WiFi', bluetooth: 'by phones alone' };
const lines = [
  `Virtual building   ${building.url}`,
  `Stripe             ${stripe.url}`,
  `  secret key       ${stripe.secretKey}`,
  `  webhook secret   ${stripe.webhookSecret}`,
  `  webhooks go to   ${stripe.state().webhookUrl ?? 'nobody (set WEBHOOK_URL)'}`,
  `Mail inbox         ${mail.url}`,
  `  mail server      ${mail.smtpUrl}`,
  `Shelly devices     ${shelly.url}`,
  ...shelly.devices().map((device) => {
    const password = device.password === null ? '' : `  password ${device.password}`;
    return `  ${device.name.padEnd(16)} ${device.address}  ${device.id}${password}`;
  }),
  `Shelly Cloud       ${shelly.cloud.url}`,
  `  auth key         ${shelly.cloud.authKey()}`,
  `TTLock             ${ttlock.url}`,
  `  client id        ${ttlock.account.clientId}`,
  `  client secret    ${ttlock.account.clientSecret}`,
  `  user             ${ttlock.account.username}`,
  `  password         ${ttlock.account.password}`,
  `  records go to    ${ttlock.callbackUrl() ?? 'nobody (set LOCK_CALLBACK_URL)'}`,
  ...ttlock.locks().map((lock) => `  ${lock.name.padEnd(16)} ${lock.lockId}  ${reached[lock.reach]}`),
  `Yale and August    ${yale.url}`,
  `  API key          ${yale.account.apiKey}`,
  `  user             ${yale.account.email}`,
  `  password         ${yale.account.password}`,
  ...yale
    .locks()
    .map(
      (lock) => `  ${lock.name.padEnd(16)} ${lock.lockId}  by ${lock.bridgeId === null ? 'phones alone' : 'a bridge'}`,
    ),
  ...(broker === null
    ? []
    : [`Broker             ${broker.url}`, `  on it            ${(seats?.devices ?? []).join(', ')}`]),
  ...dials.map(({ name, url }) => `Dials              ${name} to ${url.replace(/[^/]+$/, '…')}`),
  `Remembered in      ${dir}`,
];
process.stdout.write(`${lines.join('\n')}\n`);

let leaving = false;
async function leave(): Promise<void> {
  if (leaving) return;
  leaving = true;
  await simulators.close();
}
process.on('SIGTERM', () => void leave());
process.on('SIGINT', () => void leave());

function argumentsOrLeave() {
  try {
    return readArguments(
      process.argv.slice(2),
      devices.map(({ name }) => name),
    );
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}
