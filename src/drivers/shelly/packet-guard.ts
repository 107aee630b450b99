/**
 * Follows the packets of an MQTT stream by their headers alone, and says when one is announced that is larger than
 * anything of ours: the MQTT library would keep it in memory until it is complete. MQTT 3.1.1, section 2.2.
 */
export function createPacketGuard(mostBytes: number): (chunk: Buffer) => boolean {
  let skip = 0; // of the present packet's body
  let header = 0; // bytes of the fixed header that have come
  let length = 0;

  /** False: too large, or not MQTT. */
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      header += 1;
      if (header === 1) continue; // type and flags
      length += (byte & 0x7f) * 128 ** (header - 2);
      if (length > mostBytes || header > 5) return false;
      if ((byte & 0x80) !== 0) continue;
      skip = length;
      header = 0;
      length = 0;
    }
    return true;
  };
}
