import type { Database } from '../../database/open.ts';
import type { Hardware } from '../../drivers/port.ts';
import type { HardwarePort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid } from '../../rules/errors.ts';
import type { ConnectionId } from '../../rules/ids.ts';
import type { ConnectionsService } from '../connections/connections.service.ts';

type Deps = { database: Database; connections: ConnectionsService; hardware: HardwarePort };
type Wish = { hardwareId: string; channel: number; connectionId: string | undefined };

/** Finds the relay that somebody means, and refuses what could not be sold. */
export function createHardwareSearch({ database, connections, hardware }: Deps) {
  /** Where the hardware hangs: on the connection named, or on the only one that knows it. Throws VALIDATION_ERROR. */
  return async function findHardware(
    actor: Actor,
    { hardwareId, channel, connectionId }: Wish,
  ): Promise<{ connectionId: ConnectionId; hardware: Hardware | null }> {
    const named = await connections.reference(actor, connectionId, database.read);
    const candidates = named === null ? await connections.all(actor.organizationId) : [named];
    const looked = candidates.map(async (candidate): Promise<{ connectionId: ConnectionId; hardware: Hardware }[]> => {
      const listed = await hardware.listWith(actor.organizationId, candidate, hardwareId).catch(() => []);
      const match = listed.find((thing) => thing.ref.hardwareId === hardwareId);
      return match === undefined ? [] : [{ connectionId: candidate, hardware: match }];
    });
    const found = (await Promise.all(looked)).flat(); // at once: each may take its vendor's whole deadline
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) {
      refuseUnfit(only.hardware, channel);
      return only;
    }
    if (named !== null) return { connectionId: named, hardware: null }; // not reachable now: taken at its word
    if (others.length > 0) throw invalid('connectionId', 'Several connections know this device: say which one');
    throw invalid(
      'shellyDeviceId',
      'No connection knows this device; name its connectionId to add it while it is offline',
    );
  };
}

function refuseUnfit({ ref: { hardwareId }, channelCount, hasAutoOff }: Hardware, channel: number): void {
  if (channelCount !== null && channel >= channelCount) {
    throw invalid('channel', `${hardwareId} has ${channelCount} channel(s), counted from 0`);
  }
  if (hasAutoOff === false) {
    throw invalid(
      'shellyDeviceId',
      `${hardwareId} takes no timer this way, so it cannot be sold: connect it otherwise`,
    );
  }
}
