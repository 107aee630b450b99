import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { type Audit, createAudit } from '../../src/features/audit/audit.service.ts';
import { createOrganizations } from '../../src/features/organizations/organizations.service.ts';
import { systemClock } from '../../src/host/clock.ts';
import { createRandom } from '../../src/host/random.ts';
import type { OrganizationId } from '../../src/rules/ids.ts';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';

const clock = systemClock;
const random = createRandom(clock);
let fresh: FreshDatabase;
let database: Database;
let audit: Audit;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ connection: fresh.connection, clock, log: silent });
  audit = createAudit({ clock, random });
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

let slugs = 0;
async function organization(): Promise<OrganizationId> {
  const organizations = createOrganizations({ database, clock, random });
  const made = await database.transaction('make', (tx) =>
    organizations.create(tx, { slug: `org-${++slugs}`, name: 'Org' }),
  );
  return made.id;
}

function append(
  organizationId: OrganizationId,
  details: Record<string, unknown> = { n: 1 },
): Promise<{ number: number }> {
  return database.transaction('append', (tx) =>
    audit.append(tx, {
      organizationId,
      category: 'devices',
      action: 'device changed',
      actor: null,
      entity: 'Device',
      entityId: 'dev_1',
      details,
      personal: { email: 'someone@example.com', ip: null },
    }),
  );
}

const verify = (organizationId: OrganizationId) => audit.verify(database.read, organizationId);

/** What nobody but whoever owns the tables could do. */
async function tamper(statement: ReturnType<typeof sql>): Promise<void> {
  await database.transaction('tamper', async (tx) => {
    await sql`alter table audit_entries disable trigger user`.execute(tx);
    await statement.execute(tx);
    await sql`alter table audit_entries enable trigger user`.execute(tx);
  });
}

test('entries made at once, the first included, form one chain; a rolled back one leaves no gap', async () => {
  const id = await organization();
  const made = await Promise.all(
    Array.from({ length: 15 }, (_, n) => append(id, { n, text: 'Tür', list: [1.5, null, {}] })),
  );
  expect(made.map(({ number }) => number).sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  await expect(
    database.transaction('fails', async (tx) => {
      await audit.append(tx, {
        organizationId: id,
        category: 'c',
        action: 'a',
        actor: null,
        entity: 'E',
        entityId: '1',
        details: {},
      });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect((await append(id)).number).toBe(16);
  expect(await verify(id)).toBeNull();
});

test('an organization without entries verifies, and each has a chain of its own', async () => {
  const [a, b] = [await organization(), await organization()];
  expect(await verify(a)).toBeNull();
  expect([(await append(a)).number, (await append(b)).number]).toEqual([1, 1]);
});

test('a changed, a removed and a cut entry are found', async () => {
  const id = await organization();
  for (let i = 0; i < 4; i++) await append(id, { price: i });
  await tamper(sql`update audit_entries set details = '{"price": 99}' where organization_id = ${id} and number = 2`);
  expect(await verify(id)).toEqual({ number: 2, kind: 'changed' });
  await tamper(sql`update audit_entries set details = '{"price": 1}' where organization_id = ${id} and number = 2`);
  expect(await verify(id)).toBeNull();
  await sql`delete from audit_personal where organization_id = ${id}`.execute(database.read);
  await tamper(sql`delete from audit_entries where organization_id = ${id} and number = 4`);
  expect(await verify(id)).toEqual({ number: 4, kind: 'cut' });
  await tamper(sql`delete from audit_entries where organization_id = ${id} and number = 3`);
  await tamper(sql`delete from audit_entries where organization_id = ${id} and number = 2`);
  expect(await verify(id)).toEqual({ number: 2, kind: 'cut' });
});

test('erased personal fields leave the chain whole; what is kept of a person is only there', async () => {
  const id = await organization();
  await append(id);
  const entry = await database.read.selectFrom('audit_entries').selectAll().where('organization_id', '=', id).execute();
  expect(JSON.stringify(entry)).not.toContain('someone@example.com');
  await sql`delete from audit_personal where organization_id = ${id}`.execute(database.read);
  expect(await verify(id)).toBeNull();
});

test.each([
  "update audit_entries set action = 'x'",
  'delete from audit_entries',
  'truncate audit_entries cascade',
  "update audit_personal set value = 'x'",
])('the database refuses: %s', async (statement) => {
  await append(await organization());
  await expect(sql.raw(statement).execute(database.read)).rejects.toThrow('is append-only');
});
