import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/host/log.ts';
import { freePort } from '../support/free-port.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { movingClock } from '../support/moving-clock.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

test('a second process whose clock is a minute behind sells as well', async () => {
  const clock = movingClock();
  clock.ahead(-60_000);
  const port = await freePort();
  const two = await createApp({
    config: {
      publicUrl: `http://127.0.0.1:${port}`,
      trustProxy: 0,
      cronSecret: laundry.cronSecret,
      stripeBaseUrl: laundry.stripe.url,
      mail: null,
    },
    connection: laundry.connection,
    masterKey: laundry.masterKey,
    clock,
    log: createLog('silent', { write: () => undefined }),
    checkResponses: true,
  });
  await two.server.listen({ port, host: '127.0.0.1' });
  try {
    await laundry.app.rounds.cron.reconcile();
    const answer = await fetch(`http://127.0.0.1:${port}/api/public/device/${laundry.washer.uid}/intent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ planId: laundry.washer.plans.now }),
    });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 200 });
  } finally {
    await two.server.close();
    await two.close();
  }
});
