import { type Kysely, sql } from 'kysely';
import { notify } from '../database/notify.ts';
import type { Database } from '../database/open.ts';
import type { DB } from '../database/types.ts';
import type { Hardware } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import type { Whose } from './open-drivers.ts';

/**
 * Which process a device's socket hangs on, for all processes. A row that names a process which is no more does not
 * count: `processes` has lost it, or the process does not answer.
 */
export type Links = ReturnType<typeof createLinks>;

/** A process that holds a link elsewhere hears its name under this topic when the device has dialled another one. */
export const movedTopic = 'link-moved';

export function createLinks({ database, clock }: { database: Database; clock: Clock }) {
  /** The device is here now; another process that held it hears of it. */
  async function linked(whose: Whose, hardwareId: string, hardware: Hardware[], processId: string): Promise<void> {
    await database.transaction('device-linked', async (tx) => {
      const key = { organization_id: whose.organizationId, connection_id: whose.connectionId, hardware_id: hardwareId };
      const before = await one(tx, whose, hardwareId).forNoKeyUpdate('device_links').executeTakeFirst();
      const facts = {
        process_id: processId,
        hardware: JSON.stringify(hardware),
        changed_at: new Date(clock.now()),
      };
      await tx
        .insertInto('device_links')
        .values({ ...key, ...facts })
        .onConflict((conflict) =>
          conflict.columns(['organization_id', 'connection_id', 'hardware_id']).doUpdateSet(facts),
        )
        .execute();
      const other = before?.process_id ?? null;
      if (other !== null && other !== processId) await notify(tx, { topic: movedTopic, id: other });
    });
  }

  /** It hung up, unless it is on another process by now. */
  async function unlinked(whose: Whose, hardwareId: string, processId: string): Promise<void> {
    await database.transaction('device-unlinked', (tx) =>
      tx
        .updateTable('device_links')
        .set({ process_id: null, changed_at: new Date(clock.now()) })
        .where('organization_id', '=', whose.organizationId)
        .where('connection_id', '=', whose.connectionId)
        .where('hardware_id', '=', hardwareId)
        .where('process_id', '=', processId)
        .execute(),
    );
  }

  /** The living process that holds it; null: nobody. */
  async function holder(whose: Whose, hardwareId: string): Promise<string | null> {
    const row = await one(database.read, whose, hardwareId)
      .innerJoin('processes', 'processes.id', 'device_links.process_id')
      .executeTakeFirst();
    return row?.process_id ?? null;
  }

  /** Whatever has ever dialled in on this connection, and whether somebody holds it. */
  async function known(whose: Whose): Promise<{ hardwareId: string; hardware: Hardware[] }[]> {
    const rows = await database.read
      .selectFrom('device_links')
      .leftJoin('processes', 'processes.id', 'device_links.process_id')
      .select(['hardware_id', 'hardware', sql<boolean>`processes.id is not null`.as('online')])
      .where('organization_id', '=', whose.organizationId)
      .where('connection_id', '=', whose.connectionId)
      .orderBy('hardware_id')
      .execute();
    return rows.map((row) => {
      const hardware = row.hardware as Hardware[]; // written by `linked` alone
      return {
        hardwareId: row.hardware_id,
        hardware: hardware.map((each) => ({ ...each, online: row.online && each.online })),
      };
    });
  }

  /** Of the devices that a process believes to hold, those that another one holds by now. */
  async function held(processId: string): Promise<Set<string>> {
    const rows = await database.read
      .selectFrom('device_links')
      .select(['organization_id', 'connection_id', 'hardware_id'])
      .where('process_id', '=', processId)
      .execute();
    return new Set(rows.map((row) => linkKey(row.connection_id, row.hardware_id)));
  }

  const one = (db: Kysely<DB>, whose: { organizationId: OrganizationId; connectionId: ConnectionId }, id: string) =>
    db
      .selectFrom('device_links')
      .select('device_links.process_id')
      .where('device_links.organization_id', '=', whose.organizationId)
      .where('device_links.connection_id', '=', whose.connectionId)
      .where('device_links.hardware_id', '=', id);

  return { linked, unlinked, holder, known, held };
}

export const linkKey = (connectionId: ConnectionId, hardwareId: string): string => `${connectionId} ${hardwareId}`;
