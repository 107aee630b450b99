import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

test('a command that a crash cut short is told as unknown at the next look, also where nobody uses the machine again', async () => {
  const { pool } = laundry.app.database;
  const { rows: made } = await pool.query<{ id: string }>(
    `insert into commands (organization_id, id, device_id, kind, auto_off_seconds, lease_until, asked_at)
     select organization_id, 'cmd_cut_short', id, 'switch-on', 60, $2, $2 from devices where id = $1 returning id`,
    [laundry.washer.id, new Date(laundry.clock.now())],
  );
  expect(made).toHaveLength(1);
  laundry.clock.ahead(30_000);
  await laundry.call('POST', `/api/cron/session-reconcile?token=${laundry.cronSecret}`);
  const { rows } = await pool.query("select outcome from commands where id = 'cmd_cut_short'");
  expect(rows).toEqual([{ outcome: 'unknown' }]);
});
