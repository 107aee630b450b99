import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFreeDigits } from '../../../src/features/pins/free-digits.ts';
import { createDigits } from '../../../src/features/pins/pin-facts.ts';
import { createRandom } from '../../../src/host/random.ts';
import { createSecretBox } from '../../../src/host/secret-box.ts';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterAll(() => place.close());

/** Chance that draws these digits, one after the other. */
function drawing(...digits: string[]) {
  const random = createRandom(place.clock);
  const left = [...digits];
  return {
    ...random,
    bytes: (count: number) => Buffer.alloc(count, Buffer.from((left.shift() ?? '').split('').map(Number))),
  };
}

test('digits that are a PIN of the lock, or a code that its vendor has issued, are drawn anew', async () => {
  await place.post(`/api/locks/${place.front.id}/pins`, { label: 'Anna', pin: '482913' });
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  const lock = await place.app.services.locks.any(
    row?.organization_id ?? ('' as OrganizationId),
    place.front.id as LockId,
  );
  if (lock === null) throw new Error('There is no such lock');
  const random = drawing('482913', '111111', '739105', '605284');
  const { chosen } = createFreeDigits({ random, digits: createDigits(createSecretBox(place.masterKey, random)) });
  const found = await place.app.database.transaction('test-digits', (tx) => chosen(tx, lock, new Set(['739105'])));
  expect(found).toBe('605284');
});
