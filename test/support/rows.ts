import type { Laundry } from './laundry.ts';

/** Reading a relay, and signing in, leave rows of their own: they are not what a request changes. */
const observed: readonly string[] = ['relays', 'logins', 'login_attempts'];

/** One hash per table over all its rows (of one organization), to prove that nothing changed; a difference names the table. */
export async function fingerprint(
  { app }: Pick<Laundry, 'app'>,
  o: { organizationId?: string; except?: readonly string[] } = {},
): Promise<Record<string, string>> {
  const { pool } = app.database;
  const { rows: tables } = await pool.query<{ name: string; owned: boolean }>(
    `select relname as name, exists (
       select from information_schema.columns
       where table_schema = 'public' and table_name = relname and column_name = 'organization_id') as owned
     from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
     order by relname`,
  );
  const except = o.except ?? observed;
  const wanted = tables.filter(
    ({ name, owned }) => !except.includes(name) && (owned || o.organizationId === undefined),
  );
  const one = (name: string): string =>
    `select '${name}' as name, md5(coalesce(string_agg(x::text, E'\\n' order by x::text), '')) as hash from ${name} x` +
    (o.organizationId === undefined ? '' : ' where organization_id = $1');
  const values = o.organizationId === undefined ? [] : [o.organizationId];
  const { rows } = await pool.query<{ name: string; hash: string }>(
    wanted.map(({ name }) => one(name)).join(' union all '),
    values,
  );
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}
