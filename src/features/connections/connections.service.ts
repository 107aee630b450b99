import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../../rules/ids.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import {
  type ConnectionRow,
  connectionInUse,
  findConnection,
  findConnectionOf,
  listConnections,
  lockConnection,
  removeConnection,
  saveConnection,
} from './connections.store.ts';
import { joinLan, type LanDevice, splitLan } from './lan-config.ts';

/** What outsiders see of a connection: no secret, only whether one is set. */
export type ConnectionView = {
  id: ConnectionId;
  vendor: 'shelly-lan';
  name: string;
  devices: { address: string; hasPassword: boolean }[];
  createdAt: number;
  updatedAt: number;
};

export type ConnectionInput = { name?: string; devices?: LanDevice[] };

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit; box: SecretBox };

/** Our accounts at hardware vendors: their addresses in the open, their secrets sealed. */
export function createConnections({ database, clock, random, audit, box }: Deps) {
  async function list(actor: Actor, page: { limit: number; after: string | null }): Promise<ConnectionView[]> {
    const rows = await listConnections(database.read, actor.organizationId, ['shelly-lan'], page);
    return rows.map((row) => view(row));
  }

  const row = async (organizationId: OrganizationId, id: string): Promise<ConnectionRow> =>
    there(await findConnection(database.read, organizationId, id));

  const get = async (actor: Actor, id: string): Promise<ConnectionView> => view(await row(actor.organizationId, id));

  async function create(actor: Actor, input: ConnectionInput): Promise<ConnectionView> {
    const now = clock.now();
    return database.transaction('connection-create', async (tx) => {
      const devices = input.devices ?? [];
      const made: ConnectionRow = {
        organization_id: actor.organizationId,
        id: random.id('connection'),
        vendor: 'shelly-lan',
        name: required('name', input.name ?? 'Shelly', 120),
        created_at: now,
        updated_at: now,
        ...splitLan(devices, null, box),
      };
      await saveConnection(tx, made, now);
      await audit.append(tx, entry(actor, 'connection created', made, { addresses: addresses(made) }));
      return view(made);
    });
  }

  async function change(actor: Actor, id: string, input: ConnectionInput): Promise<ConnectionView> {
    const now = clock.now();
    return database.transaction('connection-change', async (tx) => {
      const before = there(await lockConnection(tx, actor.organizationId, id, 'change'));
      const after: ConnectionRow = {
        ...before,
        ...(input.name === undefined ? {} : { name: required('name', input.name, 120) }),
        ...(input.devices === undefined ? {} : splitLan(input.devices, before, box)),
        updated_at: now,
      };
      await saveConnection(tx, after, now);
      const passwords = input.devices?.some((device) => device.password !== undefined) === true;
      const details = { from: addresses(before), to: addresses(after), ...(passwords ? { passwords: 'changed' } : {}) };
      await audit.append(tx, entry(actor, 'connection changed', after, details));
      return view(after);
    });
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    await database.transaction('connection-delete', async (tx) => {
      const before = there(await lockConnection(tx, actor.organizationId, id, 'remove'));
      if (await connectionInUse(tx, actor.organizationId, before.id)) {
        throw new Problem('CONFLICT', 'Devices still hang on this connection; remove or move them first');
      }
      await removeConnection(tx, actor.organizationId, before.id);
      await audit.append(tx, entry(actor, 'connection deleted', before, { addresses: addresses(before) }));
    });
  }

  /** With its secrets, for the engine alone. `version` changes whenever the connection does. */
  async function opened(organizationId: OrganizationId, id: string) {
    const found = await row(organizationId, id);
    return { vendor: 'shelly-lan' as const, version: found.updated_at, config: { devices: joinLan(found, box) } };
  }

  /** The connection meant by `connectionId`, or the only one there is; a 400 that says what is missing. */
  async function reference(actor: Actor, id: string | undefined, db: Kysely<DB>): Promise<ConnectionId | null> {
    if (id === undefined) return null;
    const found = await lockConnection(db, actor.organizationId, id, 'keep');
    if (found === null || found.vendor !== 'shelly-lan') throw invalid('connectionId', 'There is no such connection');
    return found.id;
  }

  /** Ids of all hardware connections, oldest first. */
  async function all(organizationId: OrganizationId): Promise<ConnectionId[]> {
    const rows = await listConnections(database.read, organizationId, ['shelly-lan'], { limit: 500, after: null });
    return rows.map((found) => found.id);
  }

  const first = async (organizationId: OrganizationId): Promise<ConnectionView | null> => {
    const found = await findConnectionOf(database.read, organizationId, 'shelly-lan');
    return found === null ? null : view(found);
  };

  return { list, get, create, change, remove, opened, reference, all, first };

  function view(found: ConnectionRow): ConnectionView {
    return {
      id: found.id,
      vendor: 'shelly-lan',
      name: found.name,
      devices: joinLan(found, box).map(({ address, password }) => ({ address, hasPassword: password !== undefined })),
      createdAt: found.created_at,
      updatedAt: found.updated_at,
    };
  }

  function addresses(found: ConnectionRow): string[] {
    return joinLan(found, box).map((device) => device.address);
  }
}

export type ConnectionsService = ReturnType<typeof createConnections>;

function there(found: ConnectionRow | null): ConnectionRow {
  if (found === null || found.vendor !== 'shelly-lan') throw notFound('Connection not found');
  return found;
}

const entry = (actor: Actor, action: string, row: ConnectionRow, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'integrations' as const,
  action,
  actor,
  entity: 'Connection',
  entityId: row.id,
  details: { name: row.name, ...details },
});
