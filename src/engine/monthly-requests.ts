import { sql } from 'kysely';
import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { NoticesService } from '../features/notices/notices.service.ts';
import type { Clock } from '../host/clock.ts';
import type { VendorHttp } from '../host/vendor-http.ts';
import type { ConnectionId } from '../rules/ids.ts';
import { type Instant, seconds } from '../rules/instant.ts';
import { isNearlyUsedUp, monthOf, mustSpare } from '../rules/metering/requests-a-month.ts';
import type { Whose } from './open-drivers.ts';

type Deps = {
  database: Database;
  clock: Clock;
  log: Log;
  notices: Pick<NoticesService, 'raise' | 'clear' | 'stands'>;
  /** Opens the connection as it is configured now. */
  again: (whose: Whose) => Promise<unknown>;
};

/** `fresh`: counted here, and not written down yet. */
type Counted = { whose: Whose; month: string; used: number; fresh: number; allowed: number | null };

const every = seconds(30);
const kind = 'requests-nearly-used-up';

/**
 * What connections cost vendors that count requests by the month. Counted in memory, and added up over all processes now
 * and then in one row: a crash forgets seconds of it, and that does no harm. It only tells whether to spare requests; what
 * people wait for is asked in any case.
 */
export function createMonthlyRequests({ database, clock, log, notices, again }: Deps) {
  const counts = new Map<ConnectionId, Counted>();

  /** The way to the vendor of this connection, counted. */
  function counting(whose: Whose, allowed: number | null, http: VendorHttp): VendorHttp {
    const before = counts.get(whose.connectionId);
    const month = monthOf(clock.now());
    if (before !== undefined) Object.assign(before, { whose, allowed });
    else counts.set(whose.connectionId, { used: 0, fresh: 0, month, whose, allowed });
    return {
      request(request) {
        const counted = current(whose.connectionId, clock.now());
        if (counted !== undefined) counted.fresh += 1;
        return http.request(request);
      },
    };
  }

  function current(id: ConnectionId, now: Instant): Counted | undefined {
    const counted = counts.get(id);
    const month = monthOf(now);
    if (counted !== undefined && counted.month !== month) Object.assign(counted, { month, used: 0, fresh: 0 });
    return counted;
  }

  /** Whether what can wait should. */
  function spare(id: ConnectionId): boolean {
    const now = clock.now();
    const counted = current(id, now);
    if (counted === undefined || counted.allowed === null) return false;
    return mustSpare({ used: counted.used + counted.fresh, allowed: counted.allowed }, now);
  }

  /** Adds up with the other processes, and tells what is nearly used up. */
  async function round(): Promise<void> {
    for (const id of counts.keys()) {
      const counted = current(id, clock.now());
      if (counted === undefined) continue;
      await addUp(counted);
      if (spare(id)) await again(counted.whose).catch(nothing); // perhaps more is allowed by now; nobody else may ask
    }
  }

  async function addUp(counted: Counted): Promise<void> {
    const { whose, month, fresh } = counted;
    counted.fresh = 0;
    counted.used += fresh;
    const { rows } = await sql<{ count: number }>`
      insert into vendor_requests as v (organization_id, connection_id, month, count)
      select organization_id, id, ${month}, ${fresh} from connections
      where organization_id = ${whose.organizationId} and id = ${whose.connectionId}
      on conflict (organization_id, connection_id) do update set
        count = case when v.month = ${month} then v.count + ${fresh} else ${fresh} end,
        month = ${month}
      returning count`
      .execute(database.read)
      .catch((error: unknown) => {
        // it costs the vendor all the same: it is added up when the database answers again
        if (counted.month === month)
          Object.assign(counted, { used: counted.used - fresh, fresh: counted.fresh + fresh });
        throw error;
      });
    const [row] = rows;
    if (row === undefined) {
      counts.delete(whose.connectionId);
      return;
    }
    if (counted.month === month) counted.used = row.count;
    await tell(counted);
  }

  async function tell({ whose: { organizationId, connectionId }, used, allowed }: Counted): Promise<void> {
    const nearly = allowed !== null && isNearlyUsedUp({ used, allowed });
    if ((await notices.stands(organizationId, kind, connectionId)) === nearly) return;
    await database.transaction('vendor-requests', (tx) =>
      nearly
        ? notices.raise(tx, organizationId, kind, connectionId, { used, allowed })
        : notices.clear(tx, organizationId, kind, connectionId),
    );
  }

  function start(): { stop(): Promise<void> } {
    let under: Promise<void> = Promise.resolve();
    const go = (): void => {
      under = under
        .then(round)
        .catch((error: unknown) => log.error({ err: error }, 'Requests to vendors could not be added up.'));
    };
    go();
    const ticking = clock.every(every, go);
    return {
      async stop() {
        ticking.stop();
        go();
        await under;
      },
    };
  }

  return { counting, spare, round, start };
}

const nothing = (): undefined => undefined;

export type MonthlyRequests = ReturnType<typeof createMonthlyRequests>;
