import ipaddr from 'ipaddr.js';

/** IPv6 addresses that the internet routes lie in here; all else in IPv6 is local, embedded or unassigned. */
const globalUnicast = ipaddr.IPv6.parse('2000::');
const ownNetwork = new Set(['private', 'loopback', 'carrierGradeNat', 'uniqueLocal']);

/**
 * May a request made for somebody else go to this IP address? Only to addresses of the internet; with `allowPrivate` also
 * to those of one's own networks and this machine. Never to link-local ones (cloud metadata), multicast, unspecified,
 * or IPv6 forms that carry an IPv4 address inside.
 */
export function isAllowedAddress(address: string, allowPrivate: boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  const range: string = parsed.range();
  if (allowPrivate && ownNetwork.has(range)) return true;
  if (range !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast, 3);
}
