import type { Simulators } from '../simulators/start.ts';
import type { App } from '../src/app.ts';
import type { Actor } from '../src/rules/accounts/actor.ts';
import { building } from './building.ts';
import { everything, location } from './seeding.ts';

type Ttlock = Simulators['ttlock'];

/**
 * The gym beside the laundry: an account at TTLock, its locks on doors, and somebody with a code. Each step is left out
 * where it was done before.
 */
export async function seedDoors({ services }: App, actor: Actor, ttlock: Ttlock, seeded: boolean): Promise<void> {
  const { clientId, clientSecret, username, password } = ttlock.account;
  const account = { server: ttlock.url, clientId, clientSecret, username, password };
  const all = await services.connections.list(actor, everything);
  const known = all.find(({ vendor }) => vendor === 'ttlock');
  if (seeded) {
    const moved = known?.vendor === 'ttlock' && known.server !== ttlock.url;
    if (moved) await services.connections.change(actor, known.id, account);
    return;
  }
  const { id: connectionId } =
    known ?? (await services.connections.create(actor, { vendor: 'ttlock', name: 'Gym locks', ...account }));
  const gym = await location(services, actor, building.gym);

  const doors = await services.doors.list(actor, everything);
  for (const { name, description, price, duration, forGuests } of building.doors) {
    if (doors.some((door) => door.name === name)) continue;
    await services.doors.create(actor, {
      ttlockLockId: ttlock.idOf(name),
      connectionId,
      locationId: gym.id,
      name,
      description,
      price,
      duration,
      ...(forGuests ? {} : { openingHours: { kind: 'closed' } }),
    });
  }

  const people = await services.people.list(actor, { limit: 500, after: null });
  const locks = await services.locks.list(actor, everything);
  for (const { name, door, pin } of building.people) {
    const person = people.find((one) => one.name === name) ?? (await services.people.create(actor, { name }));
    const lock = locks.find((one) => one.name === door);
    if (lock === undefined) throw new Error(`The demo has no lock called ${door}.`);
    const pins = await services.pins.list(actor, lock.id, everything);
    if (pins.some((one) => one.person_id === person.id)) continue;
    await services.pins.load(actor, lock.id, { label: name, pin, personId: person.id });
  }
}

/** The platform tells of what happens at its locks to the address that the server made for this, by the way `here`. */
export async function hearLocks({ services }: App, ttlock: Ttlock, here: string): Promise<void> {
  const own = await services.organizations.first();
  const connection = own === null ? null : await services.connections.first(own.id, 'ttlock');
  if (own === null || connection === null) return;
  const { pathname } = new URL(services.lockCallback.urlOf(own.id, connection.id));
  ttlock.setCallbackUrl(`${here}${pathname}`);
}
