import { afterEach, beforeEach, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { beginAtDoor, buyEntry, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeEach(async () => {
  place = await openLockPlace({ engine: true, mail: true });
});
afterEach(() => place.close());

const mail = (subject: string) =>
  place.until(`the mail "${subject}"`, () => place.mail.mails().find((one) => one.subject.includes(subject)));

test('a receipt leads to the way in, and holds no code', async () => {
  const { token } = await buyEntry(place, await uidOf(place, place.front.doorId));
  const receipt = await mail('Receipt: €1.00 for Front door');
  expect(receipt.text).toContain(`${place.url}/access/${token}`);
  expect(receipt.text).toContain('Front door');
});

test('money that goes back is told, and why', async () => {
  const begun = await beginAtDoor(place, await uidOf(place, place.front.doorId));
  place.ttlock.trouble({ kind: 'broken', where: 'everything' });
  await place.stripe.pay(begun.checkoutId);
  await untilAccess(place, begun.token, 'getting-ready');
  await place.ahead(minutes(2) + seconds(1));
  await untilAccess(place, begun.token, 'could-not-make');
  const told = await mail('€1.00 comes back to you: Front door');
  expect(told.text).toContain('No way in could be made');
});
