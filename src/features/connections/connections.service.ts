import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { HardwareVendor } from '../../drivers/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../../rules/ids.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import { type CloudAccount, cloudForm, openAccount } from './cloud-config.ts';
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
import { lanForm } from './lan-config.ts';
import type { ConnectionInput, Shown, VendorForm, VendorForms } from './vendor-form.ts';

export type ConnectionView = Shown & { id: ConnectionId; name: string; createdAt: number; updatedAt: number };

const forms: VendorForms = { 'shelly-lan': lanForm, 'shelly-cloud': cloudForm };
const vendors = Object.keys(forms) as HardwareVendor[];

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit; box: SecretBox };

/** Our accounts at hardware vendors: their addresses in the open, their secrets sealed. */
export function createConnections({ database, clock, random, audit, box }: Deps) {
  async function list(actor: Actor, page: { limit: number; after: string | null }): Promise<ConnectionView[]> {
    const rows = await listConnections(database.read, actor.organizationId, vendors, page);
    return rows.map((row) => view(row));
  }

  const row = async (organizationId: OrganizationId, id: string): Promise<ConnectionRow> =>
    there(await findConnection(database.read, organizationId, id));

  const get = async (actor: Actor, id: string): Promise<ConnectionView> => view(await row(actor.organizationId, id));

  async function create(actor: Actor, input: ConnectionInput & { vendor: HardwareVendor }): Promise<ConnectionView> {
    const now = clock.now();
    const { vendor } = input;
    const form = forms[vendor];
    refuseOthersFields(form, input);
    return database.transaction('connection-create', async (tx) => {
      const made: ConnectionRow = {
        organization_id: actor.organizationId,
        id: random.id('connection'),
        vendor,
        name: required('name', input.name ?? form.name, 120),
        created_at: now,
        updated_at: now,
        ...form.split(input, null, box),
      };
      await saveConnection(tx, made, now);
      await audit.append(tx, entry(actor, 'connection created', made, { addresses: form.told(made, box) }));
      return view(made);
    });
  }

  async function change(actor: Actor, id: string, input: ConnectionInput): Promise<ConnectionView> {
    const now = clock.now();
    return database.transaction('connection-change', async (tx) => {
      const before = there(await lockConnection(tx, actor.organizationId, id, 'change'));
      const form = formOf(before);
      refuseOthersFields(form, input);
      const after: ConnectionRow = {
        ...before,
        ...(input.name === undefined ? {} : { name: required('name', input.name, 120) }),
        ...(form.fields.some((field) => input[field] !== undefined) ? form.split(input, before, box) : {}),
        updated_at: now,
      };
      await saveConnection(tx, after, now);
      const secrets = form.secrets(input);
      const details = {
        from: form.told(before, box),
        to: form.told(after, box),
        ...(secrets === null ? {} : { secrets }),
      };
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
      await audit.append(
        tx,
        entry(actor, 'connection deleted', before, { addresses: formOf(before).told(before, box) }),
      );
    });
  }

  /** With its secrets, for the engine alone. `version` changes whenever the connection does. */
  async function opened(organizationId: OrganizationId, id: string) {
    const found = await row(organizationId, id);
    return { vendor: hardwareVendorOf(found), version: found.updated_at, config: formOf(found).open(found, box) };
  }

  /** Never changes in the life of a connection. */
  const vendorOf = async (db: Kysely<DB>, organizationId: OrganizationId, id: ConnectionId): Promise<HardwareVendor> =>
    hardwareVendorOf(there(await findConnection(db, organizationId, id)));

  /** The connection meant by `connectionId`, or the only one there is; a 400 that says what is missing. */
  async function reference(actor: Actor, id: string | undefined, db: Kysely<DB>): Promise<ConnectionId | null> {
    if (id === undefined) return null;
    const found = await lockConnection(db, actor.organizationId, id, 'keep');
    if (found === null || !isHardware(found.vendor)) throw invalid('connectionId', 'There is no such connection');
    return found.id;
  }

  /** Ids of all hardware connections, oldest first. */
  async function all(organizationId: OrganizationId): Promise<ConnectionId[]> {
    const rows = await listConnections(database.read, organizationId, vendors, { limit: 500, after: null });
    return rows.map((found) => found.id);
  }

  /** The organization's first connection of a vendor: what configs/* show. */
  const first = async (organizationId: OrganizationId, vendor: HardwareVendor): Promise<ConnectionView | null> => {
    const found = await findConnectionOf(database.read, organizationId, vendor);
    return found === null ? null : view(found);
  };

  /** The account of a connection to a cloud, with its key: to be tried, not shown. */
  const account = async (organizationId: OrganizationId, id: ConnectionId): Promise<CloudAccount> =>
    openAccount(await row(organizationId, id), box);

  return { list, get, create, change, remove, opened, vendorOf, reference, all, first, cloudAccount: account };

  function view(found: ConnectionRow): ConnectionView {
    const { id, name, created_at: createdAt, updated_at: updatedAt } = found;
    return { id, ...formOf(found).show(found, box), name, createdAt, updatedAt };
  }
}

export type ConnectionsService = ReturnType<typeof createConnections>;

function there(found: ConnectionRow | null): ConnectionRow {
  if (found === null || !isHardware(found.vendor)) throw notFound('Connection not found');
  return found;
}

const isHardware = (vendor: string): vendor is HardwareVendor => vendors.some((one) => one === vendor);

function hardwareVendorOf({ vendor }: ConnectionRow): HardwareVendor {
  if (!isHardware(vendor)) throw new Error(`${vendor} is no vendor of hardware`);
  return vendor;
}

const formOf = (row: ConnectionRow): VendorForm => forms[hardwareVendorOf(row)];

function refuseOthersFields(form: VendorForm, input: ConnectionInput): void {
  for (const field of ['devices', 'server', 'authKey'] as const) {
    if (input[field] !== undefined && !form.fields.includes(field)) {
      throw invalid(field, `${field} is of another kind of connection`);
    }
  }
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
