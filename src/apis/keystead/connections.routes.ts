import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ConnectionsService, ConnectionView } from '../../features/connections/connections.service.ts';
import type { ConnectionHardwareService } from '../../features/connections/hardware.service.ts';
import type { LockCallback } from '../../features/connections/lock-callback.service.ts';
import type { SignInToConnection } from '../../features/connections/sign-in.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable, Ok, ok } from '../../http/shapes.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { dialUrl } from '../../rules/dial-url.ts';
import { iso } from '../../rules/instant.ts';
import { LockCapabilitiesShown } from './lock-capabilities.ts';

const Vendor = Type.Enum(['shelly-lan', 'shelly-cloud', 'shelly-mqtt', 'shelly-websocket', 'ttlock', 'yale']);
const Family = Type.Enum(['august', 'yale'], {
  description: 'yale: its cloud for the United States (august), or for the rest of the world (yale)',
});
const Connection = Type.Object({
  id: Type.String(),
  vendor: Vendor,
  name: Type.String(),
  devices: Type.Optional(
    Type.Array(Type.Object({ address: Type.String(), hasPassword: Type.Boolean() }), { description: 'Of shelly-lan' }),
  ),
  server: Type.Optional(Type.String({ description: 'Of shelly-cloud and ttlock' })),
  clientId: Type.Optional(Type.String({ description: 'ttlock: of the application at its open platform' })),
  family: Type.Optional(Family),
  oauthServer: Type.Optional(Type.String({ description: 'Of yale' })),
  apiKey: Type.Optional(
    Type.Object(
      { configured: Type.Boolean(), last4: Nullable(Type.String()) },
      { description: 'Of yale, never shown' },
    ),
  ),
  identifier: Type.Optional(Type.String({ description: 'yale: email:… or phone:+…' })),
  clientSecret: Type.Optional(
    Type.Object(
      { configured: Type.Boolean(), last4: Nullable(Type.String()) },
      { description: 'Of ttlock, never shown' },
    ),
  ),
  authKey: Type.Optional(
    Type.Object(
      { configured: Type.Boolean(), last4: Nullable(Type.String()) },
      { description: 'Of shelly-cloud, never shown' },
    ),
  ),
  monthlyRequests: Type.Optional(
    Nullable(Type.Integer({ description: 'ttlock: how many requests its platform allows in a month' })),
  ),
  url: Type.Optional(Type.String({ description: 'shelly-mqtt: the broker' })),
  username: Type.Optional(Nullable(Type.String())),
  hasPassword: Type.Optional(Type.Boolean()),
  topics: Type.Optional(Type.Array(Type.String())),
  hasDevicePassword: Type.Optional(Type.Boolean()),
  devicePasswords: Type.Optional(
    Type.Array(Type.String({ description: 'Ids of devices with a password of their own' })),
  ),
  dialUrl: Type.Optional(
    Type.String({ description: 'shelly-websocket: what devices dial (Ws.SetConfig). A secret; masked in lists' }),
  ),
  callbackUrl: Type.Optional(
    Type.String({
      description: 'ttlock: to be entered at its platform, so that what happens is told at once. A secret',
    }),
  ),
  trouble: Type.Array(
    Type.Object({
      hardwareId: Nullable(Type.String({ description: 'null: the whole connection' })),
      since: Instant,
      error: Type.String({ description: 'What it said last' }),
      nextTryAt: Instant,
    }),
    {
      description:
        'What keeps failing and is therefore asked less often; as the server process that answers has met it',
    },
  ),
  createdAt: Instant,
  updatedAt: Instant,
});
const Devices = Type.Array(
  Type.Object({
    address: Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Host name or IP address, with :port where not 80',
    }),
    password: Type.Optional(Nullable(Type.String({ maxLength: 200, description: 'Left out: stays as it is' }))),
  }),
  { maxItems: 200 },
);
const Secret = Nullable(Type.String({ maxLength: 200, description: 'Left out: stays as it is' }));
const change = {
  name: Type.Optional(Type.String({ maxLength: 200 })),
  devices: Type.Optional(Devices),
  server: Type.Optional(
    Type.String({
      maxLength: 255,
      description:
        'shelly-cloud: as the Shelly app names it. ttlock: euapi.ttlock.com (so when left out) or cnapi.ttlock.com',
    }),
  ),
  clientId: Type.Optional(
    Type.String({ maxLength: 128, description: 'ttlock: of the application at its open platform' }),
  ),
  clientSecret: Type.Optional(
    Type.String({ maxLength: 128, description: 'Left out: stays, for the same server and client id' }),
  ),
  family: Type.Optional(Family),
  oauthServer: Type.Optional(Type.String({ maxLength: 255, description: 'yale: left out, that of the family' })),
  apiKey: Type.Optional(
    Type.String({ maxLength: 256, description: 'yale: of your program there. Left out: stays, for the same servers' }),
  ),
  identifier: Type.Optional(
    Type.String({ maxLength: 255, description: 'yale: e-mail address or phone number; with password' }),
  ),
  refreshToken: Type.Optional(
    Type.String({ maxLength: 4096, description: 'yale: what a consent gave; with clientId and clientSecret' }),
  ),
  authKey: Type.Optional(Type.String({ maxLength: 512, description: 'Left out: stays, for the same server' })),
  monthlyRequests: Type.Optional(
    Nullable(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description:
          'ttlock: how many requests its platform allows you in a month. What can wait then leaves enough of them to people',
      }),
    ),
  ),
  url: Type.Optional(Type.String({ maxLength: 300, description: 'mqtt://host or mqtts://host' })),
  username: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  password: Type.Optional(Secret),
  topics: Type.Optional(
    Type.Array(Type.String({ maxLength: 200, description: 'A prefix that a device was given in place of its id' }), {
      maxItems: 250,
    }),
  ),
  devicePassword: Type.Optional(Secret),
  devicePasswords: Type.Optional(
    Type.Array(Type.Object({ deviceId: Type.String({ maxLength: 64 }), password: Type.Optional(Secret) }), {
      maxItems: 250,
    }),
  ),
};
const RelayThere = Type.Object({
  shellyDeviceId: Type.String(),
  channel: Type.Integer(),
  name: Nullable(Type.String()),
  model: Nullable(Type.String()),
  firmware: Nullable(Type.String()),
  channelCount: Nullable(Type.Integer({ description: 'null: it has not told yet' })),
  online: Type.Boolean(),
  deviceId: Nullable(Type.String({ description: 'Already added as this device' })),
});
const LockThere = Type.Object({
  hardwareId: Type.String({ description: 'The vendor’s number of the lock (ttlockLockId)' }),
  name: Type.String(),
  model: Nullable(Type.String()),
  firmware: Nullable(Type.String()),
  mac: Nullable(Type.String()),
  battery: Nullable(Type.Integer({ description: 'Percent, as the vendor heard it last' })),
  bridge: Nullable(
    Type.Object(
      { id: Type.String(), online: Nullable(Type.Boolean()) },
      { description: 'The gateway that hears it; null: it has Wi-Fi of its own, or is reached by phones alone' },
    ),
  ),
  capabilities: LockCapabilitiesShown,
  online: Type.Boolean({ description: 'false: its gateway is offline' }),
  lockId: Nullable(Type.String({ description: 'Already added as this lock' })),
  doorId: Nullable(Type.String({ description: 'Already the lock of this door' })),
});
const Create = Type.Object({ vendor: Vendor, ...change });
const Change = Type.Object(change);
const Named = Type.Object({ id: Type.String() });
const example = {
  vendor: 'shelly-lan',
  name: 'Laundry room',
  devices: [{ address: '192.168.1.40', password: 'secret' }],
};
const shared = { access: 'admin', family: 'keystead', tag: 'Connections', source: import.meta.url } as const;

type Deps = {
  lockCallback: LockCallback;
  connections: ConnectionsService;
  connectionHardware: ConnectionHardwareService;
  signInToConnection: SignInToConnection;
  publicUrl: string;
};

/** Our accounts at hardware vendors. Ours: the published API has one Shelly configuration and no lists of hardware. */
export function connectionRoutes(
  app: FastifyInstance,
  { lockCallback, connections, connectionHardware, signInToConnection, publicUrl }: Deps,
): void {
  const view = (row: ConnectionView, urlOf: (secret: string) => string, actor?: Actor): Static<typeof Connection> => {
    const { createdAt, updatedAt, ...rest } = row;
    const { secret, ...shown } = { secret: undefined, ...rest };
    return {
      ...shown,
      ...(secret === undefined ? {} : { dialUrl: urlOf(secret) }),
      ...(row.vendor === 'ttlock' && actor !== undefined
        ? { callbackUrl: lockCallback.urlOf(actor.organizationId, row.id) }
        : {}),
      trouble: connectionHardware
        .troubles(row.id)
        .map(({ since, nextTryAt, ...what }) => ({ ...what, since: iso(since), nextTryAt: iso(nextTryAt) })),
      createdAt: iso(createdAt),
      updatedAt: iso(updatedAt),
    };
  };
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/connections',
    summary: 'List connections',
    purpose: 'Secrets are never shown.',
    query: Type.Object(listQuery),
    success: Type.Array(Connection),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const rows = await connections.list(actor, { limit: page.fetch, after: page.after ?? null });
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }).map((row) =>
        view(row, maskedUrl),
      );
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/connections',
    summary: 'Create a connection',
    purpose:
      'shelly-lan: a list of addresses, each with its password where it has one. shelly-cloud: a server and an auth key. shelly-mqtt: a broker. shelly-websocket: devices dial us; the answer holds the address for them. ttlock: an application at its open platform (clientId, clientSecret) and a user of its app (username, password). yale: an API key, and a person (identifier, password; then sign-in) or a consent (clientId, clientSecret, refreshToken).',
    body: Create,
    example,
    success: Connection,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ body, actor }) => view(await connections.create(actor, body), wholeUrl, actor),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/connections/:id',
    summary: 'Get a connection',
    purpose: 'One connection.',
    params: Named,
    success: Connection,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await connections.get(actor, params.id), wholeUrl, actor),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/connections/:id',
    summary: 'Change a connection',
    purpose: 'devices replaces the whole list; a secret left out stays as it is for an address that stays.',
    params: Named,
    body: Change,
    example: { name: 'Laundry room' },
    success: Connection,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, body, actor }) => view(await connections.change(actor, params.id, body), wholeUrl, actor),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/connections/:id/renew',
    summary: 'Renew the address that devices dial',
    purpose: 'shelly-websocket: devices with the old address are out at once, and need the new one.',
    params: Named,
    success: Connection,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, actor }) => view(await connections.renewSecret(actor, params.id), wholeUrl, actor),
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/connections/:id',
    summary: 'Delete a connection',
    purpose: 'Refused while devices or locks hang on it.',
    params: Named,
    success: Ok,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, actor }) => {
      await connections.remove(actor, params.id);
      return ok;
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/connections/:id/test',
    summary: 'Test a connection',
    purpose: 'Asks the hardware now: how much answers, and what is wrong where nothing does.',
    params: Named,
    success: Type.Object({
      ok: Type.Boolean(),
      online: Type.Integer(),
      offline: Type.Integer(),
      error: Nullable(Type.String()),
      fault: Nullable(Type.String({ enum: ['ours', 'network', 'vendor', 'device'] })),
    }),
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: ({ params, actor }) => connectionHardware.test(actor, params.id),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/connections/:id/sign-in',
    summary: 'Sign in to a vendor',
    purpose:
      'yale: without code, the password is tried; where the vendor does not know this server yet, it sends a code (codeSentTo), which is told in a second call.',
    params: Named,
    body: Type.Object({
      code: Type.Optional(Type.String({ maxLength: 20, description: 'As the vendor sent it' })),
    }),
    example: { code: '123456' },
    success: Type.Object({
      signedIn: Type.Boolean(),
      codeSentTo: Nullable(Type.String({ description: 'Where the vendor has sent a code' })),
    }),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'UPSTREAM_ERROR'],
    handler: ({ params, body, actor }) => signInToConnection(actor, params.id, body.code ?? null),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/connections/:id/hardware',
    summary: 'List what hangs on a connection',
    purpose: 'One entry a channel of a relay, or a lock; what is a device, lock or door already is marked.',
    params: Named,
    success: Type.Array(Type.Union([RelayThere, LockThere])),
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'UPSTREAM_ERROR'],
    handler: ({ params, actor }) => connectionHardware.list(actor, params.id),
  });

  function wholeUrl(secret: string): string {
    return dialUrl(publicUrl, secret);
  }

  /** Enough to tell which one a device has. */
  function maskedUrl(secret: string): string {
    return dialUrl(publicUrl, `…${secret.slice(-4)}`);
  }
}
