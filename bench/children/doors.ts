import { once } from 'node:events';
import { openLockAccount } from '../lock-account.ts';
import { goRound, type Report, type Wish } from '../people-at-doors.ts';
import { openPlace } from '../place.ts';

/** A place of its own with ten accounts, for bench/doors.ts: says when it is furnished, waits for the word, tells how it went. */
const accounts = 10;
const gateways = 5;
const inTrouble = 2;

const say = (report: Report): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(report, () => resolve());
  });
const heard = async (): Promise<Wish> => (await once(process, 'message'))[0] as Wish;

const { connection, database, locks, seconds, broken } = await heard();
const place = await openPlace({ connection }, database);
const locationId = String((await place.call('POST', '/api/locations', { name: 'Bench doors' })).id);
const all = [];
for (let number = 1; number <= accounts; number++) {
  all.push(await openLockAccount(place, { number, locationId, gateways, locksOfEach: locks / accounts / gateways }));
}
const whole = all.slice(inTrouble);
await goRound(place, { whole, broken: [] }, 2); // warm
await say({ kind: 'furnished' });
await heard();
const went = await goRound(place, { whole, broken: broken ? all.slice(0, inTrouble) : [] }, seconds);
await say({ kind: 'over', ...went });
for (const account of all) await account.close(); // what hangs is let go
await place.close();
process.disconnect();
