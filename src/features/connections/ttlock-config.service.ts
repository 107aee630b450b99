import type { Database } from '../../database/open.ts';
import type { LockListsPort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { Problem } from '../../rules/errors.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { ConnectionsService } from './connections.service.ts';
import type { Tested } from './diagnosis.ts';
import { changeFirst, testedEntry } from './first-connection.ts';
import { judgedLocks, whyNoLocks } from './lock-diagnosis.ts';
import type { Masked } from './masked.ts';
import { type TtlockAccount, type TtlockInput, ttlockAccount } from './ttlock-config.ts';

export type TtlockConfig = {
  configured: boolean;
  serverUrl: string | null;
  clientId: string | null;
  clientSecret: Masked;
  username: string | null;
  password: Masked;
};
export type TtlockTest = Tested<{ server?: string; locks?: number; online?: number; offline?: number }>;
export type TtlockConfigInput = {
  serverUrl?: string;
  clientId?: string;
  clientSecret?: string;
  username?: string;
  password?: string;
};

type Deps = { database: Database; audit: Audit; connections: ConnectionsService; lockLists: LockListsPort };

const vendor = 'ttlock';
const names = {
  server: 'serverUrl',
  clientId: 'clientId',
  clientSecret: 'clientSecret',
  username: 'username',
  password: 'password',
};
const unset: Masked = { configured: false, last4: null };

/** The one TTLock configuration of the published API: a view of the organization's first account there. */
export function createTtlockConfig({ database, audit, connections, lockLists }: Deps) {
  async function get(actor: Actor): Promise<TtlockConfig> {
    const first = await connections.first(actor.organizationId, vendor);
    if (first?.vendor !== vendor) {
      const nobody = { serverUrl: null, clientId: null, clientSecret: unset, username: null, password: unset };
      return { configured: false, ...nobody };
    }
    const { server, clientId, clientSecret, username, hasPassword } = first;
    const password = { configured: hasPassword, last4: null }; // only its MD5 is there, and that is nobody's to see
    return { configured: true, serverUrl: server, clientId, clientSecret, username, password };
  }

  /** The first time all but the server are needed; later what is left out stays. */
  async function change(actor: Actor, input: TtlockConfigInput): Promise<TtlockConfig> {
    if (Object.keys(wish(input)).length === 0) return get(actor);
    ttlockAccount(wish(input), await saved(actor), names); // complains by the names of this contract
    await changeFirst(connections, actor, vendor, wish(input));
    return get(actor);
  }

  /** Asks the platform, with what is saved or with what is given instead of it. */
  async function test(actor: Actor, input: TtlockConfigInput): Promise<TtlockTest> {
    const before = await saved(actor);
    const given = Object.keys(wish(input)).length > 0;
    const result: TtlockTest =
      before === null && !given ? nothingSetUp : await tried(ttlockAccount(wish(input), before, names));
    await database.transaction('ttlock-tested', (tx) => audit.append(tx, testedEntry(actor, 'TTLock', result, given)));
    return result;
  }

  async function tried(account: TtlockAccount): Promise<TtlockTest> {
    const { server } = account;
    try {
      const { away, ...counted } = judgedLocks(await lockLists.tryOut(vendor, account));
      const details = { server, ...counted };
      return away === null ? { ok: true, details } : { ok: false, ...away, details };
    } catch (error) {
      if (!(error instanceof Problem) || error.status < 500) throw error;
      return { ok: false, ...whyNoLocks('ttlock', error.facts.reason, error.message), details: { server } };
    }
  }

  async function saved(actor: Actor): Promise<TtlockAccount | null> {
    const first = await connections.first(actor.organizationId, vendor);
    return first === null ? null : connections.ttlockAccount(actor.organizationId, first.id);
  }

  return { get, change, test };
}

export type TtlockConfigService = ReturnType<typeof createTtlockConfig>;

const nothingSetUp: TtlockTest = {
  ok: false,
  fault: 'ours',
  error: 'No TTLock account is set up: give the client id and secret of the application, and a user of the TTLock app.',
  details: {},
};

const wish = ({ serverUrl, ...rest }: TtlockConfigInput): TtlockInput => ({
  ...(serverUrl === undefined ? {} : { server: serverUrl }),
  ...rest,
});
