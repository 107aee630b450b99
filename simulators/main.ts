/** `npm run simulators`: the simulators alone, remembered in DIR (default ./data/simulators), until SIGTERM or Ctrl-C. */
import path from 'node:path';
import type { ShellySpec } from './shelly/start.ts';
import { startSimulators } from './start.ts';

const devices: ShellySpec[] = [
  { name: 'Washer 1', load: { watts: 2050 } },
  { name: 'Washer 2', load: { watts: 2050 } },
  { name: 'Dryer', load: { watts: 2400 }, password: 'dryer' },
  { name: 'Tanning bed', load: { watts: 7800 } },
  { name: 'Gym lights', channels: 2, load: { watts: 120 } },
  { name: 'Massage chair', generation: 1, load: { watts: 150 }, password: 'chair' },
];

const dir = path.resolve(process.env.DIR ?? './data/simulators');
const webhookUrl = process.env.WEBHOOK_URL;
const simulators = await startSimulators({ dir, devices, ...(webhookUrl === undefined ? {} : { webhookUrl }) });
const { stripe, shelly, mail, building } = simulators;

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
    return `  ${device.name.padEnd(16)} ${device.address}${password}`;
  }),
  `Shelly Cloud       ${shelly.cloud.url}`,
  `  auth key         ${shelly.cloud.authKey()}`,
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
