import pg from 'pg';
import { systemClock } from '../src/host/clock.ts';
import type { LockId, OrganizationId } from '../src/rules/ids.ts';
import { times } from './measure.ts';
import { openPlace, type Server } from './place.ts';
import { type Line, ms } from './report.ts';

/** A pass over so many locks with thirty codes each that are as they should be: it must write nothing. */
export async function benchCodes(server: Server, size: { few: number; many: number }): Promise<Line[]> {
  const place = await openPlace(server, 'bench_codes');
  const client = new pg.Client(place.connection);
  await client.connect();
  const { pinReconciler, services } = place.app;
  const pass = async (count: number): Promise<number> => {
    const { rows } = await client.query<{ organization_id: OrganizationId; id: LockId }>(
      'select organization_id, id from locks order by id limit $1',
      [count],
    );
    const begun = performance.now();
    for (const { organization_id, id } of rows) await pinReconciler.run(organization_id, id);
    return (performance.now() - begun) / rows.length;
  };
  await fill(client, 0, size.few);
  const dueOfFew = await median(() => services.pins.due(systemClock.now(), 100));
  await pass(size.few); // once, so that everything is warm
  const few = await pass(size.few);
  await fill(client, size.few, size.many);
  const dueOfMany = await median(() => services.pins.due(systemClock.now(), 100));
  const before = await written(client);
  const many = await pass(size.many);
  const writes = (await written(client)) - before;
  await client.end();
  await place.close();
  return [
    {
      what: `rows written by a pass over ${size.many} locks × 30 codes with nothing to do`,
      ratio: writes,
      target: 0,
      detail: `${ms(many)} a lock`,
    },
    {
      what: `the same, a lock, against ${size.few} locks`,
      ratio: many / few,
      target: 1.3,
      detail: `${ms(many)} against ${ms(few)}`,
    },
    {
      what: `the engine asks which codes are due, of ${size.many * 30} against ${size.few * 30}`,
      ratio: dueOfMany / dueOfFew,
      target: 1.3,
      detail: `${ms(dueOfMany)} against ${ms(dueOfFew)}`,
    },
  ];
}

const median = async (ask: () => Promise<unknown>): Promise<number> =>
  (await times([['', ask]], 100)).get('') ?? Number.NaN;

/** Rows of codes that were inserted, changed or deleted so far. */
async function written(client: pg.Client): Promise<number> {
  await systemClock.sleep(1500); // statistics are told with a delay
  const { rows } = await client.query<{ sum: string }>(
    `select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables
     where relname in ('pins', 'lock_codes', 'unmanaged_codes')`,
  );
  return Number(rows[0]?.sum);
}

/** Locks that nothing hangs on, with codes that were seen on them: some for ever, some for a booking, some by the week. */
async function fill(client: pg.Client, from: number, to: number): Promise<void> {
  await client.query(
    `with own as (select id from organizations limit 1),
     way as (insert into connections (organization_id, id, vendor, name, config, created_at, updated_at)
       select id, 'con_bench', 'ttlock', 'Bench', '{}', now(), now() from own on conflict do nothing returning 1),
     new_locks as (insert into locks (organization_id, id, connection_id, hardware_id, name, capabilities, codes_read_at,
         tried_at, observed_at, created_at, updated_at)
       select own.id, 'lck_' || lpad(n::text, 26, '0'), 'con_bench', n::text, 'Lock ' || n, $3, now(), now(), now(), now(), now()
       from own, generate_series($1::int + 1, $2::int) n returning organization_id, id)
     insert into pins (organization_id, id, lock_id, label, pin_hash, pin_sealed, access_type, schedule, state, placement, api,
         loaded_at, wake_at, created_at, updated_at)
       select l.organization_id, 'pin_' || substr(l.id, 12) || lpad(n::text, 8, '0'), l.id, 'Code ' || n, decode(lpad(to_hex(n), 64, '0'), 'hex'), '\\x01',
         s.schedule ->> 'kind', s.schedule, 'loaded',
         jsonb_build_object('old', null, 'attempt', null, 'present', jsonb_build_object('reference', n::text, 'slot', null,
           'print', lpad(to_hex(n), 64, '0'), 'asked', s.held, 'window', s.held, 'at', 1)),
         'bench', now(), s.wakes, s.made, s.made
       from new_locks l, generate_series(1, 30) n,
       lateral (select date_trunc('day', now()) as made, (extract(epoch from date_trunc('day', now())) * 1000)::bigint as day) d,
       lateral (select d.made, case n % 2
           when 0 then jsonb_build_object('kind', 'always')
           else jsonb_build_object('kind', 'temporary', 'from', d.day, 'until', d.day + 172800000) end as schedule,
         case n % 2
           when 0 then jsonb_build_object('from', d.day, 'until', null)
           else jsonb_build_object('from', d.day, 'until', d.day + 172800000) end as held,
         case n % 2 when 0 then null else d.made + interval '2 days' end as wakes) s`,
    [from, to, JSON.stringify(capabilities)],
  );
  await client.query('analyze');
}

const capabilities = {
  unlock: false,
  lock: false,
  momentary: false,
  tellsBolt: false,
  tellsDoor: false,
  keypad: {
    lengthMin: 4,
    lengthMax: 9,
    slots: null,
    namesSlots: false,
    keepsWindows: true,
    readsBack: true,
    changesInPlace: true,
  },
  issuesCodes: null,
  issuesQr: false,
  passage: false,
  tellsRecords: false,
};
