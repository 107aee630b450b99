import type pg from 'pg';
import type { App } from '../src/app.ts';

const password = 'bench password';

/** An administrator, a device, and one session to ask for. */
export async function furnish(app: App): Promise<{ token: string; bearer: string }> {
  const { accounts, logins, locations, connections, devices, plans, sessions } = app.services;
  await accounts.ensureFirstAdministrator({ username: 'bench', email: 'bench@keystead.test', password });
  const login = await logins.login({ by: 'email', name: 'bench@keystead.test', password, ip: null, userAgent: null });
  const actor = login.kind === 'in' ? await logins.authenticate(login.token, null) : null;
  if (login.kind !== 'in' || actor === null) throw new Error('Could not sign in');
  const location = await locations.create(actor, { name: 'Bench' });
  const connection = await connections.create(actor, { vendor: 'shelly-lan', devices: [{ address: '127.0.0.1:9' }] });
  const device = await devices.create(actor, {
    shellyDeviceId: 'shellybench',
    connectionId: connection.id,
    locationId: location.id,
    name: 'Bench washer',
  });
  const plan = await plans.create(actor, device.id, { name: 'Wash', duration: 60, price: 250 });
  const opened = await app.database.transaction('bench-session', (tx) =>
    sessions.open(tx, { organizationId: actor.organizationId, deviceId: device.id, plan, email: null, language: null }),
  );
  return { token: opened.token, bearer: login.token };
}

/** So many more runs that are over, each with its payment. */
export async function fill(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `with model as (select s.*, d.location_id from sessions s
       join devices d on d.organization_id = s.organization_id and d.id = s.device_id
       where s.phase = 'awaiting-payment' limit 1),
     runs as (insert into sessions (organization_id, id, token_hash, token_sealed, device_id, plan_id, plan_name, phase,
         duration_ms, delay_ms, paid_at, starts_at, started_at, ends_at, ended_at, run, created_at)
       select m.organization_id, 'ses_0' || replace(gen_random_uuid()::text, '-', ''), decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
         m.token_sealed, m.device_id, m.plan_id, m.plan_name, 'completed', m.duration_ms, m.delay_ms, at, at, at,
         at + interval '1 hour', at + interval '1 hour', m.run, at
       from model m, (select now() - n * interval '5 minutes' as at from generate_series(1, $1::int) n) moments
       returning organization_id, id, device_id, plan_id, created_at),
     money as (insert into payments (organization_id, id, module, status, amount, currency, session_id, device_id, plan_id,
         location_id, provider_checkout_id, provider_intent_id, paid_at, created_at, updated_at)
       select r.organization_id, 'pay_0' || replace(gen_random_uuid()::text, '-', ''), 'DEVICE', 'SUCCEEDED', 250, 'eur', r.id, r.device_id,
         r.plan_id, m.location_id, 'cs_' || r.id, 'pi_' || r.id, r.created_at, r.created_at, r.created_at
       from runs r, model m returning 1)
     select count(*) from money`,
    [count],
  );
  await client.query('analyze');
}
