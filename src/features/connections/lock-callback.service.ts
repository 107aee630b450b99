import { sameSecret } from '../../host/constant-time.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { ConnectionId, OrganizationId } from '../../rules/ids.ts';

/**
 * The address that a vendor of locks tells of what happened. It carries a secret that is made of the master key and the
 * connection, and kept nowhere. Whoever knows it can only make us look.
 */
export function createLockCallback({ box, publicUrl }: { box: SecretBox; publicUrl: string }) {
  const secretOf = (organizationId: string, connectionId: string): string =>
    box.hash('lock-callback', `${organizationId} ${connectionId}`).toString('base64url').slice(0, 32);

  const urlOf = (organizationId: OrganizationId, connectionId: ConnectionId): string =>
    `${publicUrl}/api/inbound/ttlock/${organizationId}/${connectionId}/${secretOf(organizationId, connectionId)}`;

  const isOurs = (organizationId: string, connectionId: string, secret: string): boolean =>
    sameSecret(secret, secretOf(organizationId, connectionId));

  return { urlOf, isOurs };
}

export type LockCallback = ReturnType<typeof createLockCallback>;
