import pg from 'pg';

/** Column comments that say more than SQL can: `brand:DeviceId` names a type of rules/ids.ts, `union:'a'|'b'` is the type. */
type Column = {
  table: string;
  column: string;
  type: string;
  labels: string[] | null;
  nullable: boolean;
  defaulted: boolean;
  computed: boolean;
  comment: string | null;
};

const columnsOfPublic = `
  select c.relname as table, a.attname as column, t.typname as type,
    (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
    not a.attnotnull as nullable,
    a.atthasdef or a.attidentity <> '' as defaulted,
    a.attgenerated <> '' as computed,
    col_description(c.oid, a.attnum) as comment
  from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    and not c.relispartition and c.relname <> 'schema_migrations'
  order by c.relname collate "C", a.attnum`;

/**
 * The text of types.ts for a migrated database: what Kysely knows of every table. The same migrations always give the same
 * text. Throws on a column that no rule covers: then a rule is missing here.
 */
export async function describeDatabase(connection: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return write((await client.query<Column>(columnsOfPublic)).rows);
  } finally {
    await client.end();
  }
}

function write(columns: readonly Column[]): string {
  const tables = Map.groupBy(columns, ({ table }) => table);
  const interfaces = [...tables].map(([table, its]) => {
    const fields = its.map((column) => `  ${column.column}: ${typeOf(column)};\n`).join('');
    return `export interface ${pascal(table)} {\n${fields}}\n`;
  });
  const names = [...tables.keys()].map((table) => `  ${table}: ${pascal(table)};\n`).join('');
  const listed = [...tables].map(
    ([table, its]) => `  ${table}: [\n${its.map(({ column }) => `    '${column}',\n`).join('')}  ],\n`,
  );
  const body = `${interfaces.join('\n')}\nexport interface DB {\n${names}}\n${columnsOf(listed.join(''))}`;
  const brands = new Set(columns.flatMap(({ comment }) => brandIn(comment) ?? []));
  return `// Written by \`npm run database-types\` from the migrations. Do not edit.\n${imports(body, [...brands].sort())}\n${body}`;
}

/** All columns of each table, for statements that are prepared: `*` would change its meaning while another version migrates. */
const columnsOf = (listed: string): string =>
  `\nexport const columns: { readonly [T in keyof DB]: readonly (keyof DB[T])[] } = {\n${listed}};\n`;

function imports(body: string, brands: readonly string[]): string {
  const own = ['Computed', 'Generated', 'Json', 'Timestamp'].filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const line = (names: readonly string[], from: string) =>
    names.length === 0 ? '' : `import type { ${names.join(', ')} } from '${from}';\n`;
  return line(brands, '../rules/ids.ts') + line(own, './column-types.ts');
}

function typeOf(column: Column): string {
  const plain = commented(column) ?? enumerated(column.labels) ?? sqlType(column);
  const nullable = column.nullable ? `${plain} | null` : plain;
  if (column.computed) return `Computed<${nullable}>`;
  return column.defaulted ? `Generated<${nullable}>` : nullable;
}

function commented({ comment, type }: Column): string | null {
  const union = /^union:\s*(.+)$/m.exec(comment ?? '')?.[1];
  const members = union?.split('|').map((member) => member.trim());
  const named = members?.join(' | ') ?? brandIn(comment);
  return named !== null && type.startsWith('_') ? `(${named})[]` : named;
}

function brandIn(comment: string | null): string | null {
  return /^brand:\s*([A-Za-z]+)\b/m.exec(comment ?? '')?.[1] ?? null;
}

function enumerated(labels: string[] | null): string | null {
  return labels?.map((label) => `'${label}'`).join(' | ') ?? null;
}

function sqlType({ table, column, type }: Column): string {
  const element = type.startsWith('_') ? simple.get(type.slice(1)) : undefined;
  const known = element === undefined ? simple.get(type) : arrayOf(element);
  if (known !== undefined) return known;
  if (type === 'timestamp')
    throw new Error(`${table}.${column}: a timestamp without a zone depends on the machine; use timestamptz.`);
  throw new Error(`${table}.${column}: what is ${type} in TypeScript? Add it to src/database/describe.ts.`);
}

/** Json and Timestamp read and write differently; an array of them has no rule yet. */
function arrayOf(element: string): string | undefined {
  return /^[A-Z]/.test(element) && element !== 'Buffer' ? undefined : `${element}[]`;
}

const simple: ReadonlyMap<string, string> = new Map([
  ...['int2', 'int4', 'int8', 'float4', 'float8'].map((name) => [name, 'number'] as const),
  ...['text', 'varchar', 'bpchar', 'citext', 'uuid', 'numeric', 'date', 'time', 'inet', 'cidr', 'name'].map(
    (name) => [name, 'string'] as const,
  ),
  ['bool', 'boolean'],
  ['bytea', 'Buffer'],
  ['json', 'Json'],
  ['jsonb', 'Json'],
  ['timestamptz', 'Timestamp'],
]);

function pascal(table: string): string {
  return table.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
