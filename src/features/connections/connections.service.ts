import type { Kysely } from 'kysely';
import { enter, leave, lookUp } from '../../database/directory.ts';
import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
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
import type { NoticesService } from '../notices/notices.service.ts';
import { type CloudAccount, cloudForm, openAccount } from './cloud-config.ts';
import {
  type ConnectionRow,
  connectionInUse,
  everyConnection,
  findConnection,
  findConnectionOf,
  listConnections,
  lockConnection,
  removeConnection,
  saveConnection,
} from './connections.store.ts';
import { inboundForm, inboundKey, inboundSecret, withNewSecret } from './inbound-config.ts';
import { lanForm } from './lan-config.ts';
import { hasLocks } from './lock-diagnosis.ts';
import { mqttForm } from './mqtt-config.ts';
import { openTtlock, type TtlockAccount, ttlockForm } from './ttlock-config.ts';
import type { ConnectionInput, Shown, VendorForm, VendorForms } from './vendor-form.ts';
import { yaleForm } from './yale-config.ts';

export type ConnectionView = Shown & { id: ConnectionId; name: string; createdAt: number; updatedAt: number };

type Row = ConnectionRow & { vendor: HardwareVendor };

const forms: VendorForms = {
  'shelly-lan': lanForm,
  'shelly-cloud': cloudForm,
  'shelly-mqtt': mqttForm,
  'shelly-websocket': inboundForm,
  ttlock: ttlockForm,
  yale: yaleForm,
};
const vendors = Object.keys(forms) as HardwareVendor[];
/** Whose things are switched, and whose are opened. */
const vendorsWith: Record<'relays' | 'locks', HardwareVendor[]> = {
  relays: vendors.filter((vendor) => !hasLocks(vendor)),
  locks: vendors.filter(hasLocks),
};

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  audit: Audit;
  box: SecretBox;
  notices: Pick<NoticesService, 'clearAll'>;
};

/** Our accounts at hardware vendors: their addresses in the open, their secrets sealed. */
export function createConnections({ database, clock, random, audit, box, notices }: Deps) {
  const vendorsOf = new Map<ConnectionId, HardwareVendor>();

  async function list(actor: Actor, page: { limit: number; after: string | null }): Promise<ConnectionView[]> {
    const rows = await listConnections(database.read, actor.organizationId, vendors, page);
    return rows.map((row) => view(there(row)));
  }

  const row = async (organizationId: OrganizationId, id: string): Promise<Row> =>
    there(await findConnection(database.read, organizationId, id));

  const get = async (actor: Actor, id: string): Promise<ConnectionView> => view(await row(actor.organizationId, id));

  async function create(actor: Actor, input: ConnectionInput & { vendor: HardwareVendor }): Promise<ConnectionView> {
    return database.transaction('connection-create', (tx) => add(tx, actor, input));
  }

  /** Only where the organization has none of this vendor; null: there is one. Wanted twice at once, it is made once. */
  async function createFirst(
    actor: Actor,
    input: ConnectionInput & { vendor: HardwareVendor },
  ): Promise<ConnectionView | null> {
    return database.transaction('connection-create-first', async (tx) => {
      await standInLine(tx, 'first-connection', actor.organizationId, input.vendor);
      const there = await findConnectionOf(tx, actor.organizationId, input.vendor);
      return there === null ? add(tx, actor, input) : null;
    });
  }

  async function add(tx: Tx, actor: Actor, input: ConnectionInput & { vendor: HardwareVendor }) {
    const now = clock.now();
    const { vendor } = input;
    const form = forms[vendor];
    refuseOthersFields(form, input);
    const made: Row = {
      organization_id: actor.organizationId,
      id: random.id('connection'),
      vendor,
      name: required('name', input.name ?? form.name, 120),
      created_at: now,
      updated_at: now,
      ...form.split(input, null, { box, random }),
    };
    await saveConnection(tx, made, now);
    await openDoor(tx, made);
    await notify(tx, { topic: 'connections' });
    await audit.append(tx, entry(actor, 'connection created', made, { addresses: form.told(made, box) }));
    return view(made);
  }

  async function change(actor: Actor, id: string, input: ConnectionInput): Promise<ConnectionView> {
    const now = clock.now();
    return database.transaction('connection-change', async (tx) => {
      const before = there(await lockConnection(tx, actor.organizationId, id, 'change'));
      const form = forms[before.vendor];
      refuseOthersFields(form, input);
      const after: Row = {
        ...before,
        ...(input.name === undefined ? {} : { name: required('name', input.name, 120) }),
        ...(form.fields.some((field) => input[field] !== undefined) ? form.split(input, before, { box, random }) : {}),
        updated_at: Math.max(now, before.updated_at + 1), // its version: never the same twice
      };
      await saveConnection(tx, after, after.updated_at);
      await notify(tx, { topic: 'connections' });
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

  /** Another secret in the address that devices dial: those that have the old one are out at once. */
  async function renewSecret(actor: Actor, id: string): Promise<ConnectionView> {
    return database.transaction('connection-renew', async (tx) => {
      const before = there(await lockConnection(tx, actor.organizationId, id, 'change'));
      if (before.vendor !== 'shelly-websocket') throw new Problem('CONFLICT', 'Nothing dials in on this connection');
      const after: Row = {
        ...before,
        ...withNewSecret(before, box, random),
        updated_at: Math.max(clock.now(), before.updated_at + 1),
      };
      await saveConnection(tx, after, after.updated_at);
      await closeDoor(tx, before);
      await openDoor(tx, after);
      await notify(tx, { topic: 'connections' });
      await audit.append(tx, entry(actor, 'address for dialling in renewed', after, {}));
      return view(after);
    });
  }

  async function openDoor(tx: Tx, row: Row): Promise<void> {
    if (row.vendor !== 'shelly-websocket') return;
    const entry = { organizationId: row.organization_id, target: row.id };
    await enter(tx, 'inbound', inboundKey(inboundSecret(row, box), box), entry);
  }

  async function closeDoor(tx: Tx, row: Row): Promise<void> {
    if (row.vendor === 'shelly-websocket') await leave(tx, 'inbound', inboundKey(inboundSecret(row, box), box));
  }

  /** The connection whose devices dial an address with this secret; null: nobody's. */
  async function bySecret(secret: string): Promise<{ organizationId: OrganizationId; id: ConnectionId } | null> {
    if (!/^[A-Za-z0-9_-]{32}$/.test(secret)) return null;
    const found = await lookUp(database.read, 'inbound', inboundKey(secret, box));
    return found === null ? null : { organizationId: found.organizationId, id: found.target as ConnectionId };
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    await database.transaction('connection-delete', async (tx) => {
      const before = there(await lockConnection(tx, actor.organizationId, id, 'remove'));
      if (await connectionInUse(tx, actor.organizationId, before.id)) {
        throw new Problem('CONFLICT', 'Devices or locks still hang on this connection; remove or move them first');
      }
      await closeDoor(tx, before);
      await removeConnection(tx, actor.organizationId, before.id);
      await notices.clearAll(tx, actor.organizationId, before.id);
      await notify(tx, { topic: 'connections' });
      const { told } = forms[before.vendor];
      await audit.append(tx, entry(actor, 'connection deleted', before, { addresses: told(before, box) }));
    });
  }

  /**
   * With its secrets, for the engine alone. `version` grows with every change; `written` differs only where a driver has to
   * be opened anew. Secrets are sealed differently each time, so saving them again, as they were, is such a change.
   */
  async function opened(organizationId: OrganizationId, id: string) {
    const found = await row(organizationId, id);
    const { vendor, updated_at: version } = found;
    const written = JSON.stringify([found.config, found.sealed]);
    return { vendor, version, written, config: forms[vendor].open(found, box) };
  }

  /** Whether it is still there; then it stays until the transaction ends. */
  const keep = async (tx: Tx, organizationId: OrganizationId, id: ConnectionId): Promise<boolean> =>
    (await lockConnection(tx, organizationId, id, 'keep')) !== null;

  /** Never changes in the life of a connection, whose id is never given again: read once. */
  async function vendorOf(db: Kysely<DB>, organizationId: OrganizationId, id: ConnectionId): Promise<HardwareVendor> {
    const known = vendorsOf.get(id) ?? there(await findConnection(db, organizationId, id)).vendor;
    vendorsOf.set(id, known);
    return known;
  }

  /** The connection of relays, or of locks, meant by `connectionId`; a 400 where it is none. */
  async function reference(
    actor: Actor,
    id: string | undefined,
    db: Kysely<DB>,
    of: 'relays' | 'locks' = 'relays',
  ): Promise<ConnectionId | null> {
    if (id === undefined) return null;
    const found = await lockConnection(db, actor.organizationId, id, 'keep');
    if (found === null || !isHardware(found)) throw invalid('connectionId', 'There is no such connection');
    const other = of === 'relays' ? 'locks' : 'relays';
    if (!vendorsWith[of].includes(found.vendor)) throw invalid('connectionId', `This connection has ${other} alone`);
    return found.id;
  }

  /** Ids of all connections of relays, or of locks, oldest first. */
  async function all(organizationId: OrganizationId, of: 'relays' | 'locks' = 'relays'): Promise<ConnectionId[]> {
    const rows = await listConnections(database.read, organizationId, vendorsWith[of], { limit: 500, after: null });
    return rows.map((found) => found.id);
  }

  /** The organization's first connection of a vendor: what configs/* show. */
  const first = async (organizationId: OrganizationId, vendor: HardwareVendor): Promise<ConnectionView | null> => {
    const found = await findConnectionOf(database.read, organizationId, vendor);
    return found === null ? null : view(there(found));
  };

  /** The account of a connection to a cloud, with its key: to be tried, not shown. */
  const account = async (organizationId: OrganizationId, id: ConnectionId): Promise<CloudAccount> =>
    openAccount(await row(organizationId, id), box);

  const ttlockAccount = async (organizationId: OrganizationId, id: ConnectionId): Promise<TtlockAccount> =>
    openTtlock(await row(organizationId, id), box);

  /** Every hardware connection of the server, for the engine. */
  async function everywhere(): Promise<{ organizationId: OrganizationId; id: ConnectionId; vendor: HardwareVendor }[]> {
    const rows = await everyConnection(database.read, vendors);
    return rows.flatMap(({ organizationId, id, vendor }) => (isVendor(vendor) ? [{ organizationId, id, vendor }] : []));
  }

  return {
    list,
    get,
    create,
    createFirst,
    change,
    renewSecret,
    remove,
    opened,
    keep,
    vendorOf,
    bySecret,
    reference,
    all,
    everywhere,
    first,
    cloudAccount: account,
    ttlockAccount,
  };

  function view(found: Row): ConnectionView {
    const { id, name, created_at: createdAt, updated_at: updatedAt } = found;
    return { id, ...forms[found.vendor].show(found, box), name, createdAt, updatedAt };
  }
}

export type ConnectionsService = ReturnType<typeof createConnections>;

function there(found: ConnectionRow | null): Row {
  if (found === null || !isHardware(found)) throw notFound('Connection not found');
  return found;
}

const isVendor = (vendor: string): vendor is HardwareVendor => vendors.some((one) => one === vendor);
const isHardware = (row: ConnectionRow): row is Row => isVendor(row.vendor);

const fieldsOfAny = [...new Set(Object.values(forms).flatMap(({ fields }) => fields))];

function refuseOthersFields(form: VendorForm, input: ConnectionInput): void {
  for (const field of fieldsOfAny) {
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
