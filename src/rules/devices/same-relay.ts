/**
 * Whether two hardware ids are of one physical Shelly. Each way has its own name for it: `shellyplus1pm-7d94359e53ee` on
 * the network, on a broker and in its own socket; `7d94359e53ee`, or the same number in decimal, in the cloud. Devices of
 * generation 1 may go by the last six digits of their address alone (`longid: 0`).
 */
export function sameRelay(one: string, other: string): boolean {
  const [a, b] = [macOf(one), macOf(other)];
  if (a === null || b === null) return plain(one) === plain(other);
  return a.length === b.length ? a === b : tail(a) === tail(b);
}

/** The same for all ids that may be of one relay: what those who would take it stand in line for. */
export function relayLine(hardwareId: string): string {
  const mac = macOf(hardwareId);
  return mac === null ? plain(hardwareId) : tail(mac);
}

/** 12 hexadecimal digits, or the last 6 of them; null: the id does not tell. */
function macOf(hardwareId: string): string | null {
  const id = plain(hardwareId);
  // hexadecimal first: in decimal, twelve digits would be an address that begins with 00
  const hex = /^(?:shelly[a-z0-9-]*-)?([0-9a-f]{12}|[0-9a-f]{6})$/.exec(id)?.[1];
  if (hex !== undefined) return hex;
  if (!/^[1-9]\d{6,14}$/.test(id) || Number(id) > 0xff_ff_ff_ff_ff_ff) return null;
  return Number(id)
    .toString(16)
    .padStart(Number(id) > 0xff_ff_ff ? 12 : 6, '0');
}

const plain = (id: string): string => id.trim().toLowerCase();
const tail = (mac: string): string => mac.slice(-6);
