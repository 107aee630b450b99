import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { mailConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/host/log.ts';
import { inboxOf, untilMails } from '../../support/inbox.ts';
import type { Laundry } from '../../support/laundry.ts';
import { untilState } from '../../support/purchase.ts';
import { openWaitingRoom, runTime, type WaitingRoom } from '../../support/waiting-room.ts';

const minute = 60_000;

let room: WaitingRoom;
let laundry: Laundry;
beforeAll(async () => {
  room = await openWaitingRoom(5);
  ({ laundry } = room);
});
afterAll(() => room.close());

test('two processes look at the same lines: everybody is told once, in their turn', async () => {
  const { host, port, user, database } = laundry.app.database.pool.options;
  const other = await createApp({
    config: {
      publicUrl: laundry.url,
      trustProxy: 0,
      cronSecret: null,
      stripeBaseUrl: laundry.stripe.url,
      mail: mailConfig(laundry.mail.smtpUrl, 'laundry@keystead.test'),
    },
    connection: { host, port, user, database } as Parameters<typeof createApp>[0]['connection'],
    masterKey: Buffer.alloc(32, 7),
    clock: laundry.clock,
    log: createLog('silent'),
  });
  const engine = await other.startEngine();
  const some = await room.alike(5);
  const tokens = await Promise.all(some.map(room.occupied));
  for (const [n, one] of some.entries()) await room.wish(one, `front${n}@example.com`, { any: false });
  for (const [n, one] of some.entries()) await room.wish(one, `back${n}@example.com`, { any: true });
  laundry.clock.ahead(runTime + 1000);
  for (const token of tokens) await untilState(laundry, token, 'complete');
  laundry.clock.ahead(5000);
  for (const n of some.keys()) await untilMails(laundry, `front${n}@example.com`, 1);
  await room.everythingTold();
  for (const n of some.keys()) expect(inboxOf(laundry, `back${n}@example.com`)).toEqual([]);
  laundry.clock.ahead(11 * minute);
  for (const n of some.keys()) await untilMails(laundry, `back${n}@example.com`, 1);
  await room.everythingTold();
  await engine.stop();
  await other.close();
  for (const n of some.keys()) {
    expect(inboxOf(laundry, `front${n}@example.com`).length).toBe(1);
    expect(inboxOf(laundry, `back${n}@example.com`).length).toBe(1);
  }
});
