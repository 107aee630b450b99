import { sql } from 'kysely';
import { notify } from '../database/notify.ts';
import type { Database } from '../database/open.ts';
import type { Command, HardwareRef, LookFor, Observation, Outcome } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import type { Whose } from './open-drivers.ts';

/** What one process asks of the one that holds the socket. */
export type DeviceCall = { ref: HardwareRef } & (
  | { kind: 'perform'; command: Command }
  | { kind: 'observe'; lookFor?: LookFor }
);
export type DeviceAnswer = { kind: 'outcome'; outcome: Outcome } | { kind: 'seen'; seen: Observation };

/** `not-taken`: surely nothing was sent to the device. `silent`: it was taken, and nothing was heard of it. */
export type Asked = DeviceAnswer | { kind: 'not-taken' } | { kind: 'silent' };

export type Hear = (topic: string, id: string, call: () => void) => () => void;

type Deps = {
  database: Database;
  clock: Clock;
  random: (count: number) => Buffer;
  /** Announcements of the database. */
  hear: Hear;
};

export const callTopic = 'device-call';
const answerTopic = 'device-answer';

/** A living process takes a call within milliseconds. */
const takeWithin = 1500;
/** Left for the way back. */
const wayBack = 300;

/**
 * Calls between processes, each a row: asked, taken, answered. Taking is one statement, so a call is carried out once at
 * most; one that is not taken in time is withdrawn, and then surely was not carried out.
 */
export function createDeviceCalls({ database, clock, random, hear }: Deps) {
  /** Gives up when the signal fires, too; what was taken by then may still be done, within the time. */
  async function ask(
    whose: Whose,
    processId: string,
    call: DeviceCall,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<Asked> {
    const id = random(12).toString('base64url');
    const over = clock.deadline(milliseconds, signal);
    const late = clock.deadline(takeWithin);
    const until = clock.now() + milliseconds;
    let wake: () => void = () => undefined;
    const stop = hear(answerTopic, id, () => wake());
    try {
      await database.transaction('device-call-asked', async (tx) => {
        const left = until - clock.now(); // a connection of the pool may have been waited for
        await sql`
          insert into device_calls (organization_id, id, connection_id, process_id, call, deadline_at)
          values (${whose.organizationId}, ${id}, ${whose.connectionId}, ${processId}, ${JSON.stringify(call)}::jsonb,
            clock_timestamp() + ${left} * interval '1 millisecond')`.execute(tx);
        await notify(tx, { topic: callTopic, id: processId });
      });
      for (;;) {
        const waited = new AbortController();
        wake = () => waited.abort();
        const row = await look(whose.organizationId, id);
        if (row === undefined) return { kind: 'silent' }; // its connection was deleted, and it with it
        if (row.answer !== null) return row.answer as DeviceAnswer; // written by `serve` alone
        if (row.taken_at === null && late.aborted && (await withdraw(whose.organizationId, id))) {
          return { kind: 'not-taken' };
        }
        if (over.aborted) return { kind: 'silent' };
        // announced; looked at now and then as well, since an announcement may be lost with its connection
        await clock.sleep(250, waited.signal);
      }
    } finally {
      stop();
      await forget(whose.organizationId, id).catch(() => undefined); // else swept up later
    }
  }

  const look = (organizationId: OrganizationId, id: string) =>
    database.read
      .selectFrom('device_calls')
      .select(['taken_at', 'answer'])
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .executeTakeFirst();

  function withdraw(organizationId: OrganizationId, id: string): Promise<boolean> {
    return database.transaction('device-call-withdrawn', async (tx) => {
      const query = tx.deleteFrom('device_calls').where('organization_id', '=', organizationId).where('id', '=', id);
      const { numDeletedRows } = await query.where('taken_at', 'is', null).executeTakeFirst();
      return numDeletedRows > 0n;
    });
  }

  function forget(organizationId: OrganizationId, id: string): Promise<unknown> {
    return database.transaction('device-call-forgotten', (tx) =>
      tx.deleteFrom('device_calls').where('organization_id', '=', organizationId).where('id', '=', id).execute(),
    );
  }

  /** Takes what is asked of this process, and carries it out; each with the time that is left for it. */
  async function serve(
    processId: string,
    carryOut: (whose: Whose, call: DeviceCall, signal: AbortSignal) => Promise<DeviceAnswer>,
  ): Promise<void> {
    const taken = await database.transaction('device-call-taken', async (tx) => {
      const { rows } = await sql<Taken>`
        update device_calls set taken_at = clock_timestamp()
        where process_id = ${processId} and taken_at is null and deadline_at > clock_timestamp()
        returning organization_id, id, connection_id, call,
          extract(epoch from deadline_at - clock_timestamp())::float8 * 1000 as left`.execute(tx);
      return rows;
    });
    await Promise.all(
      taken.map(async (row) => {
        const whose = { organizationId: row.organization_id, connectionId: row.connection_id };
        const answer = await carryOut(whose, row.call, clock.deadline(Math.max(1, Math.round(row.left - wayBack))));
        await database.transaction('device-call-answered', async (tx) => {
          await tx
            .updateTable('device_calls')
            .set({ answer: JSON.stringify(answer) })
            .where('organization_id', '=', row.organization_id)
            .where('id', '=', row.id)
            .execute();
          await notify(tx, { topic: answerTopic, id: row.id });
        });
      }),
    );
  }

  /** Rows whose asker died. */
  async function sweep(): Promise<void> {
    await sql`delete from device_calls where deadline_at < clock_timestamp() - interval '1 minute'`.execute(
      database.read,
    );
  }

  return { ask, serve, sweep };
}

export type DeviceCalls = ReturnType<typeof createDeviceCalls>;

type Taken = {
  organization_id: OrganizationId;
  id: string;
  connection_id: ConnectionId;
  call: DeviceCall;
  left: number;
};
