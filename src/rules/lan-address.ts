/**
 * How the address of a thing on the local network is written: `host` or `host:port`; a name, an IPv4 address, or an IPv6
 * address in brackets. One rule for whoever takes an address in and for the driver that uses it.
 */
export const lanAddressPattern = '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:[0-9]{1,5})?$';

const shape = new RegExp(lanAddressPattern);

/** The address in its one spelling (lower case, without port 80); null when it is none. */
export function lanAddress(value: string): string | null {
  const text = value.trim().toLowerCase();
  if (text.length > 255 || !shape.test(text) || !URL.canParse(`http://${text}`)) return null;
  const { host } = new URL(`http://${text}`);
  return shape.test(host) ? host : null;
}
