import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import { hours, minutes, seconds } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
let organizationId: OrganizationId;
beforeAll(async () => {
  place = await openLockPlace();
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  organizationId = row?.organization_id ?? organizationId;
  place.clock.ahead(seconds(5)); // books know whole seconds, and begin with the lock
});
afterAll(() => place.close());

const pins = (more = '') => `/api/locks/${place.front.id}/pins${more}`;
const reconcile = () => place.app.pinReconciler.run(organizationId, place.front.id as LockId);
const press = (digits: string) => place.ttlock.press(place.front.hardwareId, digits).why;
const load = async (body: object): Promise<string> => {
  const { id } = (await place.post(pins(), body)).body;
  await reconcile();
  return id;
};
const pin = async (id: string) => (await place.get(pins(`/${id}`))).body;
const remove = async (id: string) => {
  await place.call('DELETE', pins(`/${id}`), { token: place.tokens.admin });
  await reconcile();
};
type Told = { ref: string | null };
const uses = async (): Promise<(string | null)[]> =>
  (await place.rows<Told>("select credential_ref as ref from access_events where api = 'lock' order by at, id")).map(
    ({ ref }) => ref,
  );
/** The book of the lock is read, once the platform has heard of what was pressed. */
async function bookTells(many: number): Promise<void> {
  await place.until('the book tells it', async () => {
    await place.app.lockRound.round();
    return (await uses()).length === many;
  });
}

describe('a code that opens once', () => {
  test('opens once: it is off the lock as soon as the book tells that it was used', async () => {
    const id = await load({ label: 'Courier', pin: '40413', accessType: 'oneTime' });
    expect(press('40413')).toBe('opened');
    await bookTells(1);
    await reconcile();
    expect(press('40413')).not.toBe('opened');
    expect((await place.get(pins(`/${id}`))).status).toBe(404);
    const [row] = await place.rows<{ state: string; used: boolean }>(
      'select state, used_at is not null as used from pins where id = $1',
      [id],
    );
    expect(row).toEqual({ state: 'gone', used: true });
    expect(await uses()).toEqual([id]);
  }, 30_000);

  test('is not used up by whoever had the same digits before', async () => {
    const before = await load({ label: 'Anna', pin: '60728' });
    expect(press('60728')).toBe('opened');
    await remove(before);
    place.clock.ahead(minutes(10)); // the gateway was away: its book comes late
    const id = await load({ label: 'Ben', pin: '60728', accessType: 'oneTime' });
    await place.until('the book tells it', async () => {
      await place.app.lockRound.round();
      return (await uses()).includes(before);
    });
    await reconcile();
    expect(await pin(id)).toMatchObject({ state: 'loaded', usedAt: null });
    expect(await uses()).not.toContain(id);
  }, 30_000);

  test('is not used up by what it opened when it opened always', async () => {
    const id = await load({ label: 'Cleo', pin: '81953' });
    expect(press('81953')).toBe('opened');
    await place.until('the book tells it', async () => {
      await place.app.lockRound.round();
      return (await pin(id)).usedAt !== null;
    });
    place.clock.ahead(minutes(5));
    await place.call('PATCH', pins(`/${id}`), { token: place.tokens.admin, body: { accessType: 'oneTime' } });
    await reconcile();
    expect(await pin(id)).toMatchObject({ state: 'loaded', accessType: 'oneTime', usedAt: null });
    expect(press('81953')).toBe('opened');
    await place.until('it is off', async () => {
      await place.app.lockRound.round();
      await reconcile();
      return (await place.get(pins(`/${id}`))).status === 404;
    });
  }, 30_000);
});

describe('a clock that is set back by an hour', () => {
  test('asks the vendor a few times, and puts the next code on', async () => {
    await load({ label: 'Dora', pin: '70316' });
    place.clock.ahead(-hours(1));
    const asked = () => place.ttlock.requests().filter((one) => JSON.stringify(one).includes('listKeyboardPwd')).length;
    const before = asked();
    const id = await load({ label: 'Emil', pin: '92684' });
    await place.app.pinReconciler.due();
    expect(asked() - before).toBeLessThan(8);
    expect((await pin(id)).state).toBe('loaded');
    place.clock.ahead(hours(1) + seconds(1));
  }, 60_000);
});

describe('what people are told of a code', () => {
  const standing = async () =>
    (await place.get('/api/notices?open=true')).body
      .map((one: { kind: string }) => one.kind)
      .filter((kind: string) => kind.startsWith('pin-'));
  const conflicting = async (digits: string): Promise<string> => {
    const id = await load({ label: 'Finn', pin: digits });
    const now = new Date(place.clock.now());
    await place.rows('update pins set conflict = $2, state = $3, placement = null, wake_at = null where id = $1', [
      id,
      JSON.stringify({ at: now.getTime(), with: null }),
      'created',
    ]);
    await place.app.database.transaction('test-notice', (tx) =>
      place.app.services.notices.raise(tx, organizationId, 'pin-conflict', id, { lockId: place.front.id, pin: 'Finn' }),
    );
    expect(await standing()).toEqual(['pin-conflict']);
    return id;
  };

  test('is over when it is deleted before it was ever on the lock', async () => {
    const id = await conflicting('35917');
    await place.call('DELETE', pins(`/${id}`), { token: place.tokens.admin });
    expect(await standing()).toEqual([]);
  });

  test('is over when it is given other digits', async () => {
    const id = await conflicting('64209');
    await place.call('PATCH', pins(`/${id}`), { token: place.tokens.admin, body: { pin: '64318' } });
    await reconcile();
    expect(await standing()).toEqual([]);
  });
});
