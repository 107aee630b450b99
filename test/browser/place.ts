import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { building } from '../../demo/building.ts';
import { hardware } from '../../demo/hardware.ts';
import { seed } from '../../demo/seed.ts';
import { type Simulators, startSimulators } from '../../simulators/start.ts';
import { boot, type Keystead } from '../../src/boot.ts';
import { mailConfig, parseConfig } from '../../src/config.ts';
import { createLog } from '../../src/host/log.ts';
import { freePort } from '../support/free-port.ts';
import { type MovingClock, movingClock } from '../support/moving-clock.ts';

/** The demo building in a folder that is thrown away, with a clock that can be moved. */
export type Place = {
  url: string;
  app: Keystead['app'];
  simulators: Simulators;
  clock: MovingClock;
  payUrl(device: string): string;
  /** Notices go to this address from now on. */
  tellStaff(address: string): Promise<void>;
  ahead(milliseconds: number): Promise<void>;
  close(): Promise<void>;
};

export async function openPlace(): Promise<Place> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'keystead-pictures-'));
  chmodSync(dataDir, 0o755); // the database's user has to reach its folder in it
  const clock = movingClock();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let links: { label: string; url: string }[] = [];
  const simulators = await startSimulators({
    dir: null,
    clock,
    ...hardware(clock.now()),
    webhookUrl: `${url}/api/stripe/webhook`,
    links: () => links,
  });
  const administrator = { email: 'admin@keystead.example', password: 'only for the pictures' };
  const config = {
    ...parseConfig({ PORT: String(port), DATA_DIR: dataDir }),
    stripeBaseUrl: simulators.stripe.url,
    mail: mailConfig(simulators.mail.smtpUrl, `${building.company} <laundry@keystead.example>`),
    adminEmail: administrator.email,
    adminPassword: administrator.password,
  };
  const clear = async (): Promise<void> => {
    await simulators.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const keystead = await boot({ config, log: createLog('error'), clock }).catch(async (error: unknown) => {
    await clear();
    throw error;
  });
  const ids = await seed(keystead.app, simulators, administrator, { devices: false, doors: false });
  const payUrl = (device: string): string => `${url}/pay/${ids?.devices[device]?.uid ?? ''}`;
  links = [
    { label: 'Pay page of Washer 1', url: payUrl('Washer 1') },
    { label: 'Mail inbox', url: simulators.mail.url },
    { label: 'API reference', url: `${url}/api/docs` },
    { label: 'Console', url: `${url}/console` },
  ];
  return {
    url,
    app: keystead.app,
    simulators,
    clock,
    payUrl,
    async tellStaff(address) {
      const asJson = { 'content-type': 'application/json' };
      const login = await fetch(`${url}/api/auth/login`, {
        method: 'POST',
        headers: asJson,
        body: JSON.stringify({ email: administrator.email, password: administrator.password }),
      });
      const { token } = (await login.json()) as { token: string };
      const change = await fetch(`${url}/api/settings`, {
        method: 'PATCH',
        headers: { ...asJson, authorization: `Bearer ${token}` },
        body: JSON.stringify({ noticeMail: { to: [address] } }),
      });
      if (!change.ok) throw new Error(`Settings were answered ${change.status}`);
    },
    async ahead(milliseconds) {
      clock.ahead(milliseconds);
      for (let rounds = 0; rounds < 50 && (await keystead.app.rounds.due()) > 0; rounds++) await clock.sleep(20);
    },
    async close() {
      await keystead.close();
      await clear();
    },
  };
}
