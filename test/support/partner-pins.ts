import type { LockId, OrganizationId } from '../../src/rules/ids.ts';
import type { Answer } from './laundry.ts';
import { openYalePlace, type YalePlace } from './yale-locks.ts';

type Who = keyof YalePlace['people'];
export type ListedPin = Record<string, unknown> & { pin: string; state: string; userID: string; slot: number };

/** A place whose front lock is commanded by a program: codes of it, and what comes of them. */
export type PinPlace = YalePlace & {
  ofFront(method: string, path: string, body?: unknown, who?: Who, lock?: string): Promise<Answer>;
  command(...commands: unknown[]): Promise<Answer>;
  /** What the lock's keeper does in the background, now. */
  onLock(): Promise<unknown>;
  listed(who?: Who): Promise<ListedPin[]>;
  /** `04821 loaded` of each. */
  states(): Promise<string[]>;
  digitsOnLock(): string[];
  /** No code of ours is on the lock, or shall be. */
  clear(): Promise<void>;
};

export async function openPinPlace(): Promise<PinPlace> {
  const place = await openYalePlace();
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  if (row === undefined) throw new Error('There is no lock');
  const { owner, guest } = place.people;
  await place.ask('PUT', `/locks/adduser/${place.wire.front}/${guest.id}/user`, { token: owner.token });
  const ofFront: PinPlace['ofFront'] = (method, path, body, who = 'owner', lock = place.wire.front) =>
    place.ask(method, `/locks/${lock}/${path}`, {
      token: place.people[who].token,
      ...(body === undefined ? {} : { body }),
    });
  const onLock = () => place.app.pinReconciler.run(row.organization_id, place.front.id as LockId);
  const listed: PinPlace['listed'] = async (who = 'owner') =>
    Object.values((await ofFront('GET', 'pins', undefined, who)).body as Record<string, ListedPin[]>).flat();
  return {
    ...place,
    ofFront,
    onLock,
    listed,
    command: (...commands) => ofFront('POST', 'pins', { commands }),
    states: async () => (await listed()).map(({ pin, state }) => `${pin} ${state}`).sort(),
    digitsOnLock: () =>
      place.ttlock
        .onLock(place.front.hardwareId)
        .written.map(({ digits }) => digits)
        .sort(),
    async clear() {
      const { pool } = place.app.database;
      await pool.query("update pins set state = 'deleting' where deleted_at is null");
      await onLock();
      await pool.query('update pins set deleted_at = now() where deleted_at is null');
      await pool.query('delete from pin_reservations');
    },
  };
}

export const loadOf = (partnerUserID: string, pin: string, more = {}) => ({
  action: 'load',
  pin,
  accessType: 'always',
  partnerUserID,
  ...more,
});

/** Its status, and what it is called. */
export const toldBy = ({ status, body }: Answer): unknown[] => [status, body.code ?? body.message];
