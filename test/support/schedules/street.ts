import pg from 'pg';
import { type ShellySimulator, startShellySimulator } from '../../../simulators/shelly/start.ts';
import { type StripeSimulator, startStripeSimulator } from '../../../simulators/stripe/start.ts';
import { freshDatabase } from '../../database/fresh.ts';
import { freePort } from '../free-port.ts';
import { type Answer, type CallOptions, password } from '../laundry.ts';
import { type MortalApp, startMortalApp } from '../mortal-app.ts';
import { type MovingClock, movingClock } from '../moving-clock.ts';

export type PlanName = 'minute' | 'delayed' | 'five' | 'free';
export type Machine = { name: string; id: string; uid: string; plans: Record<PlanName, string> };

/** Many machines, each behind a relay of its own; a server that dies and comes again; the vendors, who stay. */
export type Street = {
  machines: readonly Machine[];
  clock: MovingClock;
  stripe: StripeSimulator;
  shelly: ShellySimulator;
  /** The server of this moment. */
  server(): MortalApp;
  /** A new server on the same database and the same port. */
  restart(): Promise<void>;
  /** For as many hours as a login lasts. */
  signIn(): Promise<void>;
  /** Null: nobody answered. */
  call(method: string, path: string, o?: CallOptions & { staff?: boolean }): Promise<Answer | null>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Lets everything happen that is due by now. */
  quiet(): Promise<void>;
  /** What the servers wrote at level error. */
  errors(): string[];
  close(): Promise<void>;
};

/** Minutes, minutes of delay, cents. */
const plans: Record<PlanName, [duration: number, delayMinutes: number, price: number]> = {
  minute: [1, 0, 100],
  delayed: [2, 1, 299],
  five: [5, 0, 777],
  free: [2, 0, 0],
};

export async function openStreet(count: number): Promise<Street> {
  const fresh = await freshDatabase();
  const clock = movingClock();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stripe = await startStripeSimulator({ stateDir: null, clock, webhookUrl: `${url}/api/stripe/webhook` });
  stripe.holdWebhooks(true);
  const devices = Array.from({ length: count }, (_, n) => ({ name: `Machine ${n + 1}`, load: { watts: 2000 } }));
  const shelly = await startShellySimulator({ stateDir: null, clock, devices });
  const lines: string[] = [];
  const start = () =>
    startMortalApp({
      config: { publicUrl: url, trustProxy: 0, cronSecret: null, stripeBaseUrl: stripe.url },
      connection: fresh.connection,
      masterKey: Buffer.alloc(32, 5),
      clock,
      complain: (line) => void lines.push(line),
      port,
    });
  let server = await start();
  let startedAt = clock.now();
  const email = 'owner@keystead.test';
  let token = '';

  const call: Street['call'] = async (method, path, { body, cookie, staff = false } = {}) => {
    try {
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          connection: 'close', // servers die here: no connection is used twice
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(cookie === undefined ? {} : { cookie }),
          ...(staff ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = response.headers.get('content-type')?.includes('json') === true;
      return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : null };
    } catch (error) {
      if (error instanceof TypeError) return null; // of fetch: nobody answered
      throw error;
    }
  };

  async function made(method: string, path: string, body: unknown) {
    const answer = await call(method, path, { body, staff: token !== '' });
    if (answer?.status !== 200) throw new Error(`${path}: ${answer?.status} ${answer?.text}`);
    return answer.body;
  }

  async function signIn(): Promise<void> {
    token = '';
    ({ token } = await made('POST', '/api/auth/login', { email, password }));
  }

  async function furnish(): Promise<Machine[]> {
    await server.app.services.accounts.ensureFirstAdministrator({ username: 'owner', email, password });
    await signIn();
    const { publishableKey, secretKey, webhookSecret } = stripe;
    await made('PATCH', '/api/configs/stripe', { publishableKey, secretKey, webhookSecret });
    const location = await made('POST', '/api/locations', { name: 'Harbour Street', timeZone: 'Europe/Berlin' });
    const relays = shelly.devices().map(({ address }) => ({ address }));
    const connection = await made('POST', '/api/connections', {
      vendor: 'shelly-lan',
      name: 'Relays',
      devices: relays,
    });
    const one = async ({ name }: { name: string }): Promise<Machine> => {
      const device = await made('POST', '/api/devices', {
        shellyDeviceId: shelly.device(name).id,
        connectionId: connection.id,
        locationId: location.id,
        name,
      });
      const sold = {} as Record<PlanName, string>;
      for (const [plan, [duration, delayMinutes, price]] of Object.entries(plans)) {
        const body = { name: plan, duration, delayMinutes, price };
        sold[plan as PlanName] = (await made('POST', `/api/devices/${device.id}/periods`, body)).id;
      }
      return { name, id: device.id, uid: device.uid, plans: sold };
    };
    return atOnce(devices, 8, one);
  }
  const machines = await furnish();

  const onlooker = new pg.Client(fresh.connection); // the servers' own connections die with them
  await onlooker.connect();
  const rows: Street['rows'] = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await onlooker.query<T>(sql, values)).rows;

  /** What the dead may have been sending is waited for, by the clock: that time is over sooner. */
  async function leasesEnd(): Promise<void> {
    const [left] = await rows<{ until: Date | null }>(
      'select max(lease_until) as until from commands where outcome is null and asked_at <= $1',
      [new Date(startedAt)],
    );
    clock.ahead(Math.max(0, (left?.until?.getTime() ?? 0) - clock.now()));
  }

  async function quiet(): Promise<void> {
    await leasesEnd();
    for (let n = 0; n < 200 && !server.dead(); n++) {
      const begun = await server.app.rounds.due();
      const [left] = await rows<{ count: number }>(
        `select (select count(*) from sessions where wake_at <= $1)
          + (select count(*) from payments where status in ('PENDING', 'FAILED') and check_at <= $1)
          + (select count(*) from refunds where try_at <= $1)
          + (select count(*) from commands where outcome is null and asked_at > $2)
          + (select count(*) from graphile_worker.jobs where run_at <= now() and locked_at is null) as count`,
        [new Date(clock.now()), new Date(startedAt)], // what a death cut short nobody finishes at once
      );
      if (begun === 0 && Number(left?.count) === 0) return;
      if (Number(left?.count) > 0) await clock.sleep(10); // somebody is at it; else it is looked once more, at once
    }
  }

  return {
    machines,
    clock,
    stripe,
    shelly,
    server: () => server,
    async restart() {
      server.kill();
      server = await start();
      startedAt = clock.now();
    },
    signIn,
    call,
    rows,
    quiet: () => Promise.race([quiet(), server.died]),
    errors: () => lines,
    async close() {
      await server.close();
      await onlooker.end();
      await shelly.close();
      await stripe.close();
      await fresh.drop();
    },
  };
}

/** All of them, so many at a time; in the order in which they were given. */
export async function atOnce<T, R>(all: readonly T[], most: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = all.map((one, n) => ({ one, n }));
  const worker = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) results[next.n] = await work(next.one);
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}
