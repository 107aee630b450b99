import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import type { OrganizationId } from '../../src/rules/ids.ts';
import { type Bought, buy } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines, type Machine } from '../support/machines.ts';

/**
 * Two accounts in trouble beside a laundry that is well: a hub with 40 machines that hears everything and answers nothing,
 * and later says 429. The clockwork does not run by itself here: what happens is counted, not timed.
 */
let laundry: Laundry;
let hub: ShellySimulator;
let machines: Machine[];
let bought: Bought[];
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  ({ machines, shelly: hub } = await addMachines(laundry, 40));
  bought = [];
  for (const { uid, plan } of machines.slice(0, 14)) bought.push(await buy(laundry, { uid, plan }));
  await laundry.ahead(1000);
}, 120_000);
afterAll(async () => {
  await laundry.close();
  await hub.close();
});

const name = 'Rack 1';
const trouble = (kind: Parameters<ShellySimulator['setTrouble']>[1]) => hub.setTrouble(name, kind);
const heardByHub = () => hub.heard(name);
const heardByWasher = () => laundry.shelly.heard('Washer 1').all;
const lookRound = () => laundry.app.rounds.cron.reconcile();
const staff = (method: string, path: string, body?: unknown) =>
  laundry.call(method, path, { token: laundry.tokens.admin, body });
const switchIt = (id: string, on: boolean) => staff('POST', `/api/devices/${id}/switch`, { on });
const connectionOf = async (which: string) =>
  (await staff('GET', '/api/connections')).body.find((one: { name: string }) => one.name === which);

test('first all is well', async () => {
  for (const one of bought) expect((await one.session()).phase).toBe('running');
  expect((await connectionOf('Racks')).trouble).toEqual([]);
});

describe('a vendor that hangs', () => {
  test('is asked little, while every healthy relay is looked at in every round', async () => {
    trouble({ kind: 'timeout-before', where: 'everything' });
    const [hubBefore, washerBefore] = [heardByHub().all, heardByWasher()];
    for (let rounds = 0; rounds < 3; rounds++) {
      await laundry.ahead(12_000);
      await lookRound();
      expect(heardByWasher() - washerBefore).toBe(rounds + 1);
    }
    // 40 machines, 14 of them with a run: without a breaker some 150 calls that all hang
    expect(heardByHub().all - hubBefore).toBeLessThanOrEqual(40);
  });

  test('shows on its connection alone, with what it said and when it is asked again', async () => {
    const [one, ...others] = (await connectionOf('Racks')).trouble;
    expect(others).toEqual([]);
    expect(one).toEqual({
      hardwareId: hub.device(name).id,
      since: expect.stringMatching(/Z$/),
      error: expect.stringContaining('No answer in time'),
      nextTryAt: expect.stringMatching(/Z$/),
    });
    expect(Date.parse(one.nextTryAt)).toBeGreaterThanOrEqual(Date.parse(one.since));
    expect((await connectionOf('Relays')).trouble).toEqual([]);
    expect(laundry.logged().match(/It keeps failing/g)).toHaveLength(1);
  });

  test('holds up nobody: staff switches and a guest starts, while 14 runs of the hub are due', async () => {
    laundry.clock.ahead(12_000);
    const hanging = laundry.app.rounds.due();
    expect((await switchIt(laundry.dryer.id, true)).status).toBe(200);
    expect((await switchIt(laundry.dryer.id, false)).status).toBe(200);
    const guest = await buy(laundry);
    await laundry.ahead(1000);
    expect((await guest.session()).phase).toBe('running');
    await hanging;
  });

  test('gets no more of the work at once than its own places, and what is due there leaves room for others', async () => {
    const { runner, services } = laundry.app;
    const rows = await Promise.all(bought.map((one) => one.session()));
    trouble(null);
    await laundry.ahead(70_000);
    await lookRound();
    expect((await connectionOf('Racks')).trouble).toEqual([]);
    trouble({ kind: 'timeout-before', where: 'everything' });
    laundry.clock.ahead(12_000);
    const [first] = rows;
    if (first === undefined) throw new Error('nothing was bought');
    await runner.run(first.organization_id, first.id, 'at-once'); // one call fails: from now on it counts as failing
    laundry.clock.ahead(12_000);
    const before = heardByHub().all;
    const all = rows.map(({ organization_id, id }) => runner.run(organization_id, id, 'at-once'));
    await laundry.until('its places taken', () => heardByHub().all > before);
    await Promise.all(all);
    expect(heardByHub().all - before).toBeLessThanOrEqual(8);
    const connection = (await connectionOf('Racks')).id;
    const due = await services.sessions.due(laundry.clock.now(), 200);
    expect(due.length).toBeGreaterThan(0);
    const others = await services.sessions.due(laundry.clock.now(), 200, [connection]);
    expect(others.filter(({ id }) => rows.some((row) => row.id === id))).toEqual([]);
  });
});

describe('a vendor that answers 429', () => {
  test('is left alone for as long as it wants, but for what people do', async () => {
    trouble(null);
    await laundry.ahead(120_000);
    await lookRound();
    expect((await connectionOf('Racks')).trouble).toEqual([]);
    trouble({ kind: 'busy-with-retry-after', where: 'everything' });
    laundry.clock.ahead(12_000);
    await lookRound();
    const [one] = (await connectionOf('Racks')).trouble;
    expect(one.error).toContain('429');
    const before = heardByHub().all;
    await lookRound();
    await lookRound();
    expect(heardByHub().all).toBe(before);

    const machine = machines.at(-1)?.id ?? '';
    const answer = await switchIt(machine, false);
    expect([answer.status, answer.body.reason]).toEqual([502, 'busy']);
    expect(heardByHub().all).toBeGreaterThan(before); // a person's word goes out all the same
    const tried = heardByHub().switching;
    expect((await switchIt(machine, false)).status).toBe(502); // but not again and again
    expect(heardByHub().switching).toBe(tried);
    const { rows } = await laundry.app.database.pool.query(
      'select outcome, detail from commands where device_id = $1 order by id desc limit 1',
      [machine],
    );
    expect(rows).toEqual([{ outcome: 'refused', detail: expect.stringContaining('not sent') }]);
  });

  test('is asked again when its time is over, and everything is as before', async () => {
    trouble(null);
    await laundry.ahead(70_000);
    await lookRound();
    await lookRound();
    expect((await connectionOf('Racks')).trouble).toEqual([]);
    const machine = machines.at(-1);
    expect((await switchIt(machine?.id ?? '', true)).status).toBe(200);
  });
});

test('a connection that is changed is asked at once: what was wrong with it may be right now', async () => {
  trouble({ kind: 'timeout-before', where: 'everything' });
  for (let rounds = 0; rounds < 4; rounds++) {
    laundry.clock.ahead(12_000);
    await lookRound();
  }
  const connection = await connectionOf('Racks');
  expect(connection.trouble).toHaveLength(1);
  trouble(null);
  await staff('PATCH', `/api/connections/${connection.id}`, { name: 'Racks' });
  await lookRound();
  const after = await laundry.app.services.relays.find(
    (await bought[0]?.session())?.organization_id ?? ('' as OrganizationId),
    machines.at(-1)?.id as never,
  );
  expect(after?.unreachable_since).toBeNull();
  expect((await connectionOf('Racks')).trouble).toEqual([]);
});
