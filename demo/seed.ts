import type { Simulators } from '../simulators/start.ts';
import type { App } from '../src/app.ts';
import type { Actor } from '../src/rules/accounts/actor.ts';
import { building } from './building.ts';
import type { DemoFile } from './demo-file.ts';
import { seedDoors } from './seed-doors.ts';
import { everything, location } from './seeding.ts';

export type Seeded = { devices: boolean; doors: boolean };

/**
 * Makes the demo building through the services that staff uses, as the administrator. What stands already is left as it
 * is, so a start cut short goes on where it stopped; once `seeded`, only hardware addresses and Stripe keys follow the
 * simulators.
 */
export async function seed(
  app: App,
  simulators: Simulators,
  administrator: { email: string; password: string },
  seeded: Seeded,
): Promise<DemoFile['ids'] | null> {
  const { services } = app;
  const actor = await signIn(app, administrator);
  if (actor === null) return null; // the password was changed: the building is its owner's now

  const { stripe, shelly } = simulators;
  await services.stripeConfig.change(actor, {
    publishableKey: stripe.publishableKey,
    secretKey: stripe.secretKey,
    webhookSecret: stripe.webhookSecret,
  });
  const settings = await services.settings.get(actor.organizationId);
  if (settings.companyName === null) {
    await services.settings.change(actor, {
      companyName: building.company,
      currency: 'eur',
      timeZone: building.location.timeZone,
      branding: {
        color: '#0A84FF',
        headerText: 'Open every day from 6 to 23',
        footerText: 'Questions? laundry@keystead.example',
      },
    });
  }
  await seedDevices(app, actor, shelly, seeded.devices);
  await seedDoors(app, actor, simulators.ttlock, seeded.doors);
  return idsOf(actor, app);
}

async function seedDevices(
  { services }: App,
  actor: Actor,
  shelly: Simulators['shelly'],
  seeded: boolean,
): Promise<void> {
  const devices = shelly.devices().map(({ address, password }) => ({ address, password }));
  const known = (await services.connections.list(actor, everything)).find(({ vendor }) => vendor === 'shelly-lan');
  const connection =
    known === undefined
      ? await services.connections.create(actor, { vendor: 'shelly-lan', name: 'Laundry relays', devices })
      : await services.connections.change(actor, known.id, { devices });
  if (seeded) return;

  const laundry = await location(services, actor, building.location);
  const present = await services.devices.list(actor, everything);
  for (const spec of building.devices) {
    const before = present.find((device) => device.name === spec.name);
    if (before !== undefined && (await services.plans.list(actor, before.id)).length === spec.plans.length) continue;
    if (before !== undefined) await services.devices.remove(actor, before.id); // half made
    const device = await services.devices.create(actor, {
      shellyDeviceId: shelly.device(spec.name).id,
      channel: 0,
      connectionId: connection.id,
      locationId: laundry.id,
      name: spec.name,
      description: spec.description,
    });
    for (const plan of spec.plans) await services.plans.create(actor, device.id, plan);
  }
}

async function signIn(
  { services }: App,
  { email, password }: { email: string; password: string },
): Promise<Actor | null> {
  const login = await services.logins.login({ by: 'email', name: email, password, ip: null, userAgent: 'demo' });
  return login.kind === 'in' ? services.logins.authenticate(login.token, null) : null;
}

async function idsOf(actor: Actor, { services }: App): Promise<DemoFile['ids']> {
  const locations = await services.locations.list(actor, everything);
  const devices = await services.devices.list(actor, everything);
  const doors = await services.doors.list(actor, everything);
  const locks = await services.locks.list(actor, everything);
  return {
    locations: Object.fromEntries(locations.map(({ name, id }) => [name, { id }])),
    devices: Object.fromEntries(devices.map(({ name, id, uid }) => [name, { id, uid }])),
    doors: Object.fromEntries(doors.map(({ name, id, uid, lock_id: lockId }) => [name, { id, uid, lockId }])),
    locks: Object.fromEntries(
      locks.map((lock) => [lock.name, { id: lock.id, ttlockLockId: Number(lock.hardware_id) }]),
    ),
  };
}
