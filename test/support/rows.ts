import type { App } from '../../src/app.ts';

/** Reading a relay, and signing in, leave rows of their own: they are not what a request changes. */
const observed: readonly string[] = ['relays', 'observations', 'logins', 'login_attempts'];

type Table = { name: string; owned: boolean };
const known = new WeakMap<App, Promise<Table[]>>();

/** One hash per table over all its rows (of one organization), to prove that nothing changed; a difference names the table. */
export async function fingerprint(
  { app }: { app: App },
  o: { organizationId?: string; except?: readonly string[] } = {},
): Promise<Record<string, string>> {
  const tables = await (known.get(app) ?? known.set(app, tablesOf(app)).get(app) ?? []);
  const except = o.except ?? observed;
  const wanted = tables.filter(
    ({ name, owned }) => !except.includes(name) && (owned || o.organizationId === undefined),
  );
  const one = ({ name }: Table): string =>
    `select '${name}' as name, md5(coalesce(string_agg(x::text, E'\\n' order by x::text), '')) as hash from ${name} x` +
    (o.organizationId === undefined ? '' : ' where organization_id = $1');
  const values = o.organizationId === undefined ? [] : [o.organizationId];
  const { rows } = await app.database.pool.query<{ name: string; hash: string }>(
    wanted.map(one).join(' union all '),
    values,
  );
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}

/** Partitions are counted with what they are part of. */
async function tablesOf(app: App): Promise<Table[]> {
  const { rows } = await app.database.pool.query<Table>(
    `select relname as name, exists (
       select from pg_attribute where attrelid = pg_class.oid and attname = 'organization_id') as owned
     from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
     order by relname`,
  );
  return rows;
}
