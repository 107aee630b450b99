import type { Database } from '../database/open.ts';
import { standInLine } from '../database/stand-in-line.ts';
import type { Told } from '../drivers/port.ts';
import type { ConnectionsService } from '../features/connections/connections.service.ts';
import type { NoticesService } from '../features/notices/notices.service.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId } from '../rules/ids.ts';
import { type Instant, seconds } from '../rules/instant.ts';
import { isEldest } from './living-processes.ts';
import type { Whose } from './open-drivers.ts';

type Deps = {
  database: Database;
  clock: Clock;
  connections: Pick<ConnectionsService, 'keep'>;
  notices: Pick<NoticesService, 'raise' | 'clear' | 'stands'>;
};

/** A broker that restarts is no news. */
const patience = seconds(10);

/**
 * The notice of a broker that does not answer. Each process has a seat of its own at the broker, and may see it otherwise
 * than the others; one of them speaks for all, the eldest that lives, so that what one raises no other one clears. It
 * compares what stands with what it sees, again and again: what a process left that died is set right by the next eldest.
 */
export function createBrokerNotices({ database, clock, connections, notices }: Deps) {
  /** `since` null: the way is open. */
  const ways = new Map<ConnectionId, { whose: Whose; since: Instant | null; why: string }>();

  function told(whose: Whose, one: Extract<Told, { kind: 'way' }>): void {
    const since = ways.get(whose.connectionId)?.since ?? clock.now();
    ways.set(whose.connectionId, one.open ? { whose, since: null, why: '' } : { whose, since, why: one.why });
  }

  /** Makes the notice what this process sees, if it is the one that speaks. */
  async function say(id: ConnectionId, processId: string): Promise<void> {
    const way = ways.get(id);
    if (way === undefined || (way.since !== null && clock.now() - way.since < patience)) return;
    const { organizationId } = way.whose;
    const isDown = way.since !== null;
    if ((await notices.stands(organizationId, 'broker-down', id)) === isDown) return;
    if (!(await isEldest(database.read, processId))) return;
    await database.transaction(isDown ? 'broker-down' : 'broker-up', async (tx) => {
      await standInLine(tx, 'broker', organizationId, id);
      // the last word is that of whoever is the eldest by now, about a connection that still is
      if (!(await isEldest(tx, processId)) || !(await connections.keep(tx, organizationId, id))) return;
      if (isDown) await notices.raise(tx, organizationId, 'broker-down', id, { why: way.why });
      else await notices.clear(tx, organizationId, 'broker-down', id);
    });
  }

  async function round(there: ReadonlySet<ConnectionId>, processId: string): Promise<void> {
    for (const id of ways.keys()) {
      if (there.has(id)) await say(id, processId);
      else ways.delete(id);
    }
  }

  return { told, say, round };
}
