import { afterAll, beforeAll, test } from 'vitest';
import { untilAllSent, untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true, engine: true });
});
afterAll(() => laundry.close());

const minute = 60_000;

test('a machine that was back when the mail went out, and goes offline for good within the hour, is told of', async () => {
  await ask(laundry, 'PATCH /api/settings', { noticeMail: { to: ['owner@example.com'] } });
  laundry.clock.ahead(60 * minute - (laundry.clock.now() % (60 * minute))); // a fresh hour
  const id = (await laundry.app.services.organizations.first())?.id;
  if (id === undefined) throw new Error('There is no organization');
  const { notices } = laundry.app.services;
  await laundry.app.database.transaction('test-raise', (tx) =>
    notices.raise(tx, id, 'payment-mismatch', laundry.dryer.id, {}),
  );
  await laundry.app.database.transaction('test-clear', (tx) =>
    notices.clear(tx, id, 'payment-mismatch', laundry.dryer.id),
  );
  await laundry.ahead(minute);
  await untilMails(laundry, 'owner@example.com', 1); // it tells that it is over
  await untilAllSent(laundry);
  await laundry.ahead(20 * minute);
  await laundry.app.database.transaction('test-raise', (tx) =>
    notices.raise(tx, id, 'payment-mismatch', laundry.dryer.id, {}),
  );
  for (let n = 0; n < 26; n++) await laundry.ahead(60 * minute); // it stands for a day, and somebody looks again and again
  await laundry.app.database.transaction('test-raise', (tx) =>
    notices.raise(tx, id, 'payment-mismatch', laundry.dryer.id, {}),
  );
  await laundry.ahead(2 * minute);
  await untilMails(laundry, 'owner@example.com', 2);
}, 60_000);
