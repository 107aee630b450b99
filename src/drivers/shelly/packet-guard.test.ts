import { describe, expect, test } from 'vitest';
import { createPacketGuard } from './packet-guard.ts';

describe('the guard of packets', () => {
  test('lets packets of ours pass in whatever pieces, and stops at the head of a large one', () => {
    const packet = Buffer.concat([Buffer.from([0x30, 0x80, 0x01]), Buffer.alloc(128)]);
    const three = Buffer.concat([packet, packet, packet]);
    for (const size of [1, 2, 3, 7, 130, 131, 132, 400]) {
      const fits = createPacketGuard(1000);
      for (let at = 0; at < three.length; at += size) expect(fits(three.subarray(at, at + size))).toBe(true);
    }
    expect(createPacketGuard(127)(packet.subarray(0, 3))).toBe(false);
    expect(createPacketGuard(1000)(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))).toBe(false);
    expect(createPacketGuard(1e9)(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]))).toBe(false);
  });
});
