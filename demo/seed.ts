import type { Simulators } from '../simulators/start.ts';
import type { App } from '../src/app.ts';
import type { Actor } from '../src/rules/accounts/actor.ts';
import { building } from './building.ts';
import type { DemoFile } from './demo-file.ts';

const everything = { limit: 500, after: null };

/**
 * Makes the demo building through the services that staff uses, as the administrator. What stands already is left as it
 * is, so a start cut short goes on where it stopped; once `seeded`, only hardware addresses and Stripe keys follow the
 * simulators.
 */
export async function seed(
  app: App,
  simulators: Simulators,
  administrator: { email: string; password: string },
  seeded: boolean,
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
  const [location = await services.locations.create(actor, building.location)] = await services.locations.list(
    actor,
    everything,
  );

  const relays = shelly.devices().map(({ address, password }) => ({ address, password }));
  const [first] = await services.connections.list(actor, everything);
  const connection =
    first === undefined
      ? await services.connections.create(actor, { vendor: 'shelly-lan', name: 'Laundry relays', devices: relays })
      : await services.connections.change(actor, first.id, { devices: relays });

  const present = await services.devices.list(actor, everything);
  for (const spec of seeded ? [] : building.devices) {
    const known = present.find((device) => device.name === spec.name);
    if (known !== undefined && (await services.plans.list(actor, known.id)).length === spec.plans.length) continue;
    if (known !== undefined) await services.devices.remove(actor, known.id); // half made
    const device = await services.devices.create(actor, {
      shellyDeviceId: shelly.device(spec.name).id,
      channel: 0,
      connectionId: connection.id,
      locationId: location.id,
      name: spec.name,
      description: spec.description,
    });
    for (const plan of spec.plans) await services.plans.create(actor, device.id, plan);
  }
  return idsOf(actor, app);
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
  return {
    locations: Object.fromEntries(locations.map(({ name, id }) => [name, { id }])),
    devices: Object.fromEntries(devices.map(({ name, id, uid }) => [name, { id, uid }])),
  };
}
