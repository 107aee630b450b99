import type { HardwareVendor } from '../../drivers/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { ConnectionsService } from './connections.service.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { ConnectionInput } from './vendor-form.ts';

/** Changes the organization's first connection of a vendor, or makes it: what configs/* write. */
export async function changeFirst(
  connections: ConnectionsService,
  actor: Actor,
  vendor: HardwareVendor,
  wish: ConnectionInput,
): Promise<void> {
  const first = () => connections.first(actor.organizationId, vendor);
  const made = (await first()) === null && (await connections.createFirst(actor, { vendor, ...wish }));
  const there = made ? null : await first();
  if (there !== null) await connections.change(actor, there.id, wish);
}

/** That somebody tried it, for the record. `candidate`: with what was given, not with what is saved. */
export const testedEntry = (
  actor: Actor,
  vendor: 'Shelly' | 'TTLock',
  result: { ok: true } | ({ ok: false } & Diagnosis),
  candidate: boolean,
) => ({
  organizationId: actor.organizationId,
  category: 'integrations' as const,
  action: `${vendor} configuration tested`,
  actor,
  entity: `${vendor === 'Shelly' ? 'Shelly' : 'Ttlock'}Config`,
  entityId: vendor.toLowerCase(),
  details: { ok: result.ok, fault: result.ok ? null : result.fault, candidate },
});
