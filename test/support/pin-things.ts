import { createRandom } from '../../src/host/random.ts';
import { createSecretBox } from '../../src/host/secret-box.ts';
import type { OrganizationId } from '../../src/rules/ids.ts';
import type { Laundry } from './laundry.ts';

/** A code on a lock, one that was found there, and somebody whose it is: rows alone, nothing is asked of hardware. */
export async function pinThings(
  { app, clock, masterKey }: Pick<Laundry, 'app' | 'clock' | 'masterKey'>,
  { organizationId, lock }: { organizationId: OrganizationId; lock: string },
): Promise<{ pin: string; reference: string; person: string }> {
  const now = new Date(clock.now());
  const ask = async (text: string, values: unknown[]) => (await app.database.pool.query(text, values)).rows[0];
  const person = await ask(
    `insert into people (organization_id, uuid, name, created_at, updated_at)
     values ($1, gen_random_uuid(), 'Anna', $2, $2) returning id, uuid`,
    [organizationId, now],
  );
  await ask(
    `update locks set capabilities = jsonb_set(capabilities, '{keypad}', $3) where organization_id = $1 and id = $2`,
    [organizationId, lock, JSON.stringify(keypad)],
  );
  const pin = `pin_${lock.slice(4)}`;
  const reference = `code-${lock.slice(-8)}`;
  await ask(
    `insert into pins (organization_id, id, lock_id, person_id, label, pin_hash, pin_sealed, access_type, schedule, state,
       api, created_at, updated_at)
     values ($1, $2, $3, $4, 'Anna', '\\x01', $6, 'always', '{"kind": "always"}', 'created', 'test', $5, $5)`,
    [organizationId, pin, lock, person.id, now, createSecretBox(masterKey, createRandom(clock)).seal('pin', '482913')],
  );
  await ask(
    `insert into unmanaged_codes (organization_id, lock_id, reference, name, first_seen_at, seen_at)
     values ($1, $2, $4, 'Caretaker', $3, $3)`,
    [organizationId, lock, now, reference],
  );
  return { pin, reference, person: String(person.uuid) };
}

const keypad = {
  lengthMin: 4,
  lengthMax: 9,
  slots: null,
  namesSlots: false,
  keepsWindows: true,
  readsBack: true,
  changesInPlace: true,
};
