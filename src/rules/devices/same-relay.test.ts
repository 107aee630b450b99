import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relayLine, sameRelay } from './same-relay.ts';

const mac = '7d94359e53ee';
const decimal = String(Number.parseInt(mac, 16));

describe('one relay, by whatever name', () => {
  test.each([
    ['on the network and in the cloud', `shellyplus1pm-${mac}`, mac],
    ['in the cloud, in decimal', `shellyplus1pm-${mac}`, decimal],
    ['in the cloud both ways', mac, decimal],
    ['in capitals', `ShellyWallDisplay-${mac.toUpperCase()}`, `shellywalldisplay-${mac}`],
    ['of generation 1, by its short name on a broker', 'shelly1pm-9E53EE', mac],
    ['of generation 1, by its short name in decimal', String(0x9e53ee), 'shelly1pm-9e53ee'],
    ['of generation 1, with dashes in its model', 'shellyplug-s-9e53ee', mac],
    ['with a name that tells nothing', 'washer-left', ' Washer-Left'],
  ])('%s', (_, one, other) => {
    expect([sameRelay(one, other), sameRelay(other, one)]).toEqual([true, true]);
    expect(relayLine(one)).toBe(relayLine(other));
  });

  test.each([
    ['of another address', `shellyplus1pm-${mac}`, 'shellyplus1pm-7d94359e53ef'],
    ['of another maker with the same end', mac, '00ff359e53ee'],
    ['with another end', 'shelly1-9e53ee', '7d94359e53ef'],
    ['a name that tells nothing, and one that does', 'washer', mac],
    ['a number that is no address', '999999999999999', '999999999999998'],
    ['two names', 'washer-1', 'washer-2'],
  ])('two relays: %s', (_, one, other) => {
    expect([sameRelay(one, other), sameRelay(other, one)]).toEqual([false, false]);
  });
});

test('whatever may be one relay stands in one line', () => {
  const hex = fc.integer({ min: 0x10_00_00_00_00_00, max: 0xff_ff_ff_ff_ff_ff }).map((n) => n.toString(16));
  const names = (full: string) => [full, `shellypro4pm-${full}`, `shelly1-${full.slice(-6)}`, full.toUpperCase()];
  fc.assert(
    fc.property(hex, hex, (a, b) => {
      for (const one of [...names(a), `${Number.parseInt(a, 16)}`]) {
        for (const other of [...names(a), ...names(b)]) {
          if (sameRelay(one, other)) expect(relayLine(one)).toBe(relayLine(other));
        }
        expect(sameRelay(one, a)).toBe(true);
      }
    }),
  );
});
