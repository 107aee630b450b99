/** What may be seen of a secret: that it is there, and its last four characters. */
export type Masked = { configured: boolean; last4: string | null };

export function masked(secret: string | null): Masked {
  return { configured: secret !== null, last4: secret === null ? null : secret.slice(-4) };
}
