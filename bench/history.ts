import pg from 'pg';
import { systemClock } from '../src/host/clock.ts';
import { furnish } from './furnish.ts';
import { times } from './measure.ts';
import { openPlace, type Place, type Server } from './place.ts';
import { type Line, ms } from './report.ts';

/** Does what guests, staff and the engine do all the time stay as fast? Two places, asked in turns. */
export async function benchHistory(server: Server, size: { few: number; many: number }): Promise<Line[]> {
  const young = await aged(server, 'bench_young', size.few);
  const old = await aged(server, 'bench_old', size.many);
  const measured = await times([...young.asked, ...old.asked]);
  await young.close();
  await old.close();
  return young.asked.map(([name], index) => {
    const [before, after] = [measured.get(name), measured.get(old.asked[index]?.[0] ?? '')];
    return {
      what: `${name.replace(/^.*?: /, '')}, with ${size.many} past ones against ${size.few}`,
      ratio: (after ?? Number.NaN) / (before ?? Number.NaN),
      target: 1.3,
      detail: `${ms(after ?? Number.NaN)} against ${ms(before ?? Number.NaN)}`,
    };
  });
}

async function aged(server: Server, database: string, runs: number) {
  const place: Place = await openPlace(server, database);
  const { token, device, close } = await furnish(place);
  const client = new pg.Client(place.connection);
  await client.connect();
  await fill(client, runs);
  await client.end();
  const { call, app } = place;
  const asked: [string, () => Promise<unknown>][] = [
    [`${database}: a guest asks for the state of a session`, () => call('GET', `/api/public/sessions/${token}`)],
    [`${database}: the engine asks what is due`, () => app.services.sessions.due(systemClock.now(), 200)],
    [`${database}: staff lists the newest 100 payments`, () => call('GET', '/api/payments')],
    [`${database}: staff looks at what became of a device`, () => call('GET', `/api/devices/${device}/timeline`)],
    [`${database}: staff lists the sessions under way`, () => call('GET', '/api/sessions?status=ACTIVE')],
  ];
  return {
    asked,
    async close() {
      await close();
      await place.close();
    },
  };
}

/** So many more runs that are over, each with its payment. */
async function fill(client: pg.Client, count: number): Promise<void> {
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
