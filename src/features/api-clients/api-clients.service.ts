/**
 * Partners' programs. A key names a program and by that its organization; the secret proves it where codes are changed
 * into tokens. Both are shown once, and found again or compared by keyed hashes alone.
 */
import { enter, leave, lookUp } from '../../database/directory.ts';
import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { ClientScope, Program } from '../../rules/accounts/caller.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import { redirectUri } from '../../rules/grants/redirect-uri.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import {
  type ApiClientRow,
  findApiClient,
  insertApiClient,
  listApiClients,
  lockApiClient,
  updateApiClient,
} from './api-clients.store.ts';

export type NewApiClient = {
  name: string;
  /** Some programs carry one built in; made here otherwise. */
  key?: string;
  redirectUris?: readonly string[];
  scopes?: readonly ClientScope[];
};

type Deps = { database: Database; clock: Clock; random: Random; box: SecretBox; audit: Audit };

const mostRedirects = 10;

export function createApiClients({ database, clock, random, box, audit }: Deps) {
  const hashOfKey = (key: string): Buffer => box.hash('api-key', key);
  const hashOfSecret = (secret: string): Buffer => box.hash('api-client-secret', secret);

  const list = (actor: Actor, page: { limit: number; after: string | null }): Promise<ApiClientRow[]> =>
    listApiClients(database.read, actor.organizationId, page);

  /** `by` null: on the command line of the server. CONFLICT where the key is in use. */
  async function create(organizationId: OrganizationId, by: Actor | null, input: NewApiClient) {
    const name = required('name', input.name, 120);
    const key = input.key === undefined ? random.uuid() : givenKey(input.key);
    const secret = random.token();
    const redirects = [...new Set(input.redirectUris ?? [])].map(checkedRedirect);
    if (redirects.length > mostRedirects) throw invalid('redirectUris', `At most ${mostRedirects} addresses`);
    const row = await database.transaction('api-client-create', async (tx) => {
      const id = random.id('apiClient');
      const entry = { organizationId, target: id };
      if (!(await enter(tx, 'api-key', hashOfKey(key).toString('hex'), entry))) {
        throw new Problem('CONFLICT', 'This key is in use', { field: 'key' });
      }
      await enter(tx, 'api-client', id, entry);
      const made = await insertApiClient(
        tx,
        {
          organization_id: organizationId,
          id,
          name,
          key_hash: hashOfKey(key),
          key_last4: key.slice(-4),
          secret_hash: hashOfSecret(secret),
          redirect_uris: redirects,
          scopes: [...new Set(input.scopes ?? [])],
        },
        clock.now(),
      );
      await audit.append(tx, told(made, by, 'API client created', { givenKey: input.key !== undefined }));
      return made;
    });
    return { row, key, secret };
  }

  /** The old secret is worth nothing from now on. */
  async function rotateSecret(actor: Actor, id: string): Promise<{ row: ApiClientRow; secret: string }> {
    const secret = random.token();
    const row = await database.transaction('api-client-secret', async (tx) => {
      const before = await lockApiClient(tx, actor.organizationId, id);
      if (before === null) throw notFound('API client not found');
      const now = clock.now();
      await updateApiClient(tx, before, { secret_hash: hashOfSecret(secret) }, now);
      await audit.append(tx, told(before, actor, 'API client secret changed'));
      return { ...before, updated_at: now };
    });
    return { row, secret };
  }

  /** Its key opens nothing from now on, nor do tokens that it holds. The same key may be given to another one later. */
  async function revoke(actor: Actor, id: string): Promise<void> {
    await database.transaction('api-client-revoke', async (tx) => {
      const row = await lockApiClient(tx, actor.organizationId, id);
      if (row === null) throw notFound('API client not found');
      const now = clock.now();
      await updateApiClient(tx, row, { revoked_at: now }, now);
      await leave(tx, 'api-key', row.key_hash.toString('hex'));
      await leave(tx, 'api-client', row.id);
      await audit.append(tx, told(row, actor, 'API client revoked'));
    });
  }

  async function byKey(key: string): Promise<Program | null> {
    if (key === '' || key.length > 400) return null;
    return named(await lookUp(database.read, 'api-key', hashOfKey(key).toString('hex')));
  }

  /** By its client id, which is no secret. */
  const byId = async (id: string): Promise<Program | null> =>
    id.length > 100 ? null : named(await lookUp(database.read, 'api-client', id));

  async function named(found: Awaited<ReturnType<typeof lookUp>>): Promise<Program | null> {
    const row = found === null ? null : await findApiClient(database.read, found.organizationId, found.target);
    return row === null ? null : programOf(row);
  }

  async function secretIs(program: Program, secret: string): Promise<boolean> {
    const row = await findApiClient(database.read, program.organizationId, program.id);
    return row !== null && hashOfSecret(secret).equals(row.secret_hash); // hashes under a key: their time tells nothing
  }

  return { list, create, rotateSecret, revoke, byKey, byId, secretIs };
}

export type ApiClientsService = ReturnType<typeof createApiClients>;
export type { ApiClientRow } from './api-clients.store.ts';

const programOf = (row: ApiClientRow): Program => ({
  organizationId: row.organization_id,
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  redirectUris: row.redirect_uris,
});

function givenKey(key: string): string {
  if (/^[\x21-\x7e]{8,200}$/.test(key)) return key;
  throw invalid('key', 'key must have 8 to 200 characters of ASCII, without spaces');
}

function checkedRedirect(text: string): string {
  const checked = redirectUri(text);
  if (checked !== null) return checked;
  throw invalid('redirectUris', 'redirectUris must be https addresses, http on localhost, or of an app’s own scheme');
}

const told = (row: ApiClientRow, by: Actor | null, action: string, details: Record<string, unknown> = {}) => ({
  organizationId: row.organization_id,
  category: 'settings' as const,
  action,
  actor: by,
  entity: 'ApiClient',
  entityId: row.id,
  details: { name: row.name, scopes: row.scopes, ...details },
});
