import type pg from 'pg';
import { type Simulators, startSimulators } from '../../simulators/start.ts';
import type { LockSpec } from '../../simulators/ttlock/start.ts';
import { type App, createApp } from '../../src/app.ts';
import { mailConfig } from '../../src/config.ts';
import { createLog } from '../../src/host/log.ts';
import { freshDatabase } from '../database/fresh.ts';
import { freePort } from './free-port.ts';
import { type MovingClock, movingClock } from './moving-clock.ts';

/** The whole server, its engine, and the vendors' simulators on sockets; time can be moved. */
export type Laundry = {
  app: App;
  url: string;
  clock: MovingClock;
  stripe: Simulators['stripe'];
  shelly: Simulators['shelly'];
  ttlock: Simulators['ttlock'];
  mail: Simulators['mail'];
  building: Simulators['building'];
  /** Bearer tokens of an administrator and an operator of the laundry, and of an administrator of another organization. */
  tokens: { admin: string; operator: string; stranger: string };
  washer: { id: string; uid: string; plans: { now: string; delayed: string; hour: string; free: string } };
  dryer: { id: string; uid: string; plan: string };
  locationId: string;
  connectionId: string;
  cronSecret: string;
  /** For a second server on the same database. */
  connection: pg.ClientConfig;
  masterKey: Buffer;
  logged(): string;
  call(method: string, path: string, o?: CallOptions): Promise<Answer>;
  /** Moves time ahead and lets everything that is due by then happen. */
  ahead(milliseconds: number): Promise<void>;
  /** Waits, in real time, until it is so; fails after 10 s. */
  until<T>(what: string, look: () => Promise<T | null | undefined | false> | T | null | undefined | false): Promise<T>;
  close(): Promise<void>;
};

export type CallOptions = {
  token?: string;
  body?: unknown;
  cookie?: string;
  headers?: Record<string, string>;
  raw?: string;
};
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
export type Answer = { status: number; headers: Headers; body: any; text: string };

export const password = 'correct horse battery';
const people = { admin: 'owner', operator: 'helper', stranger: 'stranger' } as const;

/** `at`: what time it is there at first. `locks`: beside those that are always there. `mail`: the server sends mails, to the simulated mail server; else mail is off. */
export async function openLaundry(
  o: { engine?: boolean; at?: number; locks?: LockSpec[]; mail?: boolean } = {},
): Promise<Laundry> {
  const fresh = await freshDatabase();
  const clock = movingClock(o.at);
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const simulators = await startSimulators({
    dir: null,
    clock,
    devices: [
      { name: 'Washer 1', load: { watts: 2050 } },
      { name: 'Dryer', load: { watts: 2400 }, password: 'dryer-password' },
    ],
    gateways: [{ name: 'Hall' }],
    locks: [
      { name: 'Front', gateway: 'Hall' },
      { name: 'Back', gateway: 'Hall', camera: false },
      { name: 'Cellar' },
      ...(o.locks ?? []),
    ],
    webhookUrl: `${url}/api/stripe/webhook`,
  });
  const { stripe, shelly } = simulators;
  const masterKey = Buffer.alloc(32, 7);
  const cronSecret = 'cron-secret-of-the-test';
  const app = await createApp({
    config: {
      publicUrl: url,
      trustProxy: 0,
      cronSecret,
      stripeBaseUrl: stripe.url,
      mail: o.mail === true ? mailConfig(simulators.mail.smtpUrl, 'Laundry <laundry@keystead.test>') : null,
    },
    connection: fresh.connection,
    masterKey,
    clock,
    log,
    checkResponses: true,
  });
  const engine = o.engine === false ? null : await app.startEngine();
  await app.server.listen({ port, host: '127.0.0.1' });

  const call: Laundry['call'] = async (method, path, { token, body, cookie, headers, raw } = {}) => {
    const response = await fetch(path.startsWith('http') ? path : url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
      ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, text: answer, body: json ? JSON.parse(answer) : null };
  };

  const tokens = await signUp(app, call);
  const made = await furnish(call, tokens.admin, shelly);
  await call('PATCH', '/api/configs/stripe', {
    token: tokens.admin,
    body: { publishableKey: stripe.publishableKey, secretKey: stripe.secretKey, webhookSecret: stripe.webhookSecret },
  });

  const until: Laundry['until'] = async (what, look) => {
    for (let tries = 0; tries < 400; tries++) {
      const found = await look();
      if (found) return found;
      await clock.sleep(25);
    }
    throw new Error(`It never came to this: ${what}`);
  };

  return {
    app,
    url,
    clock,
    ...simulators,
    tokens,
    ...made,
    cronSecret,
    connection: fresh.connection,
    masterKey,
    logged: () => lines.join(''),
    call,
    until,
    async ahead(milliseconds) {
      clock.ahead(milliseconds);
      for (let rounds = 0; rounds < 50 && (await app.rounds.due()) > 0; rounds++) await clock.sleep(20);
    },
    async close() {
      await app.server.close();
      await engine?.stop();
      await app.close();
      await simulators.close();
      await fresh.drop();
    },
  };
}

async function signUp(app: App, call: Laundry['call']): Promise<Laundry['tokens']> {
  const { accounts, organizations } = app.services;
  await accounts.ensureFirstAdministrator({ username: people.admin, email: `${people.admin}@keystead.test`, password });
  const first = await organizations.first();
  const other = await app.database.transaction('test-organization', (tx) =>
    organizations.create(tx, { slug: 'other', name: 'Other' }),
  );
  if (first === null) throw new Error('There is no first organization');
  for (const [name, organizationId, role] of [
    [people.operator, first.id, 'user'],
    [people.stranger, other.id, 'admin'],
  ] as const) {
    const email = `${name}@keystead.test`;
    await accounts.create({ organizationId, username: name, email, password, role, scope: 'all', by: null });
  }
  const tokenOf = async (name: string): Promise<string> => {
    const answer = await call('POST', '/api/auth/login', { body: { email: `${name}@keystead.test`, password } });
    return String(answer.body.token);
  };
  return {
    admin: await tokenOf(people.admin),
    operator: await tokenOf(people.operator),
    stranger: await tokenOf(people.stranger),
  };
}

async function furnish(call: Laundry['call'], token: string, shelly: Laundry['shelly']) {
  const post = async (path: string, body: unknown) => {
    const answer = await call('POST', path, { token, body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const location = await post('/api/locations', { name: 'Harbour Street', timeZone: 'Europe/Berlin' });
  const relays = shelly.devices().map(({ address, password: secret }) => ({ address, password: secret }));
  const connection = await post('/api/connections', { vendor: 'shelly-lan', name: 'Relays', devices: relays });
  const device = (name: string) =>
    post('/api/devices', { shellyDeviceId: shelly.device(name).id, locationId: location.id, name });
  const washer = await device('Washer 1');
  const dryer = await device('Dryer');
  const plan = async (id: string, name: string, duration: number, delayMinutes: number, price: number) =>
    String((await post(`/api/devices/${id}/periods`, { name, duration, delayMinutes, price })).id);
  return {
    locationId: String(location.id),
    connectionId: String(connection.id),
    washer: {
      id: String(washer.id),
      uid: String(washer.uid),
      plans: {
        now: await plan(washer.id, 'Quick rinse', 1, 0, 100),
        delayed: await plan(washer.id, 'Quick rinse, load first', 1, 1, 100),
        hour: await plan(washer.id, 'Standard wash', 60, 5, 250),
        free: await plan(washer.id, 'Airing', 2, 0, 0),
      },
    },
    dryer: { id: String(dryer.id), uid: String(dryer.uid), plan: await plan(dryer.id, 'Dry', 45, 2, 200) },
  };
}
