import type { Database } from '../../database/open.ts';
import type { HardwarePort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { Problem } from '../../rules/errors.ts';
import type { Audit } from '../audit/audit.service.ts';
import { type CloudAccount, cloudAccount } from './cloud-config.ts';
import type { ConnectionsService } from './connections.service.ts';
import { judged, type Tested, whyNothing } from './diagnosis.ts';
import { changeFirst, testedEntry } from './first-connection.ts';
import type { Masked } from './masked.ts';

export type ShellyConfig = { configured: boolean; serverUrl: string | null; authKey: Masked };
export type ShellyTest = Tested<{ server?: string; online?: number; offline?: number }>;
export type ShellyConfigInput = { serverUrl?: string; authKey?: string };

type Deps = { database: Database; audit: Audit; connections: ConnectionsService; hardware: HardwarePort };

const vendor = 'shelly-cloud';
const names = { server: 'serverUrl', authKey: 'authKey' };

/** The one Shelly configuration of the published API: a view of the organization's first connection to Shelly's cloud. */
export function createShellyConfig({ database, audit, connections, hardware }: Deps) {
  async function get(actor: Actor): Promise<ShellyConfig> {
    const first = await connections.first(actor.organizationId, 'shelly-cloud');
    if (first?.vendor !== 'shelly-cloud') {
      return { configured: false, serverUrl: null, authKey: { configured: false, last4: null } };
    }
    return { configured: true, serverUrl: first.server, authKey: first.authKey };
  }

  /** The first time both are needed; later what is left out stays. */
  async function change(actor: Actor, input: ShellyConfigInput): Promise<ShellyConfig> {
    if (input.serverUrl === undefined && input.authKey === undefined) return get(actor);
    cloudAccount(wish(input), await saved(actor), names); // complains by the names of this contract
    await changeFirst(connections, actor, vendor, wish(input));
    return get(actor);
  }

  /** Asks the cloud, with what is saved or with what is given instead of it. */
  async function test(actor: Actor, input: ShellyConfigInput): Promise<ShellyTest> {
    const before = await saved(actor);
    const given = input.serverUrl !== undefined || input.authKey !== undefined;
    const result: ShellyTest =
      before === null && !given
        ? {
            ok: false,
            fault: 'ours',
            error: 'No Shelly Cloud account is set up: give its server and its auth key.',
            details: {},
          }
        : await tried(cloudAccount(wish(input), before, names));
    await database.transaction('shelly-tested', (tx) => audit.append(tx, testedEntry(actor, 'Shelly', result, given)));
    return result;
  }

  async function tried(account: CloudAccount): Promise<ShellyTest> {
    const details = { server: account.server };
    try {
      const found = await hardware.tryOut('shelly-cloud', account);
      const { online, offline, away } = judged({ vendor: 'shelly-cloud', found });
      const all = { ...details, online, offline };
      return away === null ? { ok: true, details: all } : { ok: false, ...away, details: all };
    } catch (error) {
      if (!(error instanceof Problem) || error.status < 500) throw error;
      return { ok: false, ...whyNothing('shelly-cloud', error.facts.reason, error.message), details };
    }
  }

  async function saved(actor: Actor): Promise<CloudAccount | null> {
    const first = await connections.first(actor.organizationId, 'shelly-cloud');
    return first === null ? null : connections.cloudAccount(actor.organizationId, first.id);
  }

  return { get, change, test };
}

export type ShellyConfigService = ReturnType<typeof createShellyConfig>;

const wish = ({ serverUrl, authKey }: ShellyConfigInput): { server?: string; authKey?: string } => ({
  ...(serverUrl === undefined ? {} : { server: serverUrl }),
  ...(authKey === undefined ? {} : { authKey }),
});
