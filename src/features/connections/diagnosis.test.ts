import { describe, expect, test } from 'vitest';
import type { Hardware } from '../../drivers/port.ts';
import { type Asked, judged, whyNothing } from './diagnosis.ts';

const thing = (hardwareId: string, more: Partial<Hardware> = {}): Hardware => ({
  ref: { hardwareId, channel: 0 },
  kind: 'relay',
  name: null,
  model: null,
  firmware: null,
  channelCount: 1,
  online: true,
  ...more,
});
const silent = (id: string) => thing(id, { online: false });
const refusing = (id: string) =>
  thing(id, { online: false, trouble: { reason: 'credentials', detail: `${id}: the device does not accept it` } });
const dialUrl = 'wss://pay.example.com/api/inbound/shelly/secret';

describe('what an answer of the hardware comes to', () => {
  test.each<[string, Asked, [number, number, string | null], RegExp]>([
    ['all of it answers', { vendor: 'shelly-mqtt', found: [thing('a'), thing('b')] }, [2, 0, null], /^$/],
    ['two channels are one relay', { vendor: 'shelly-mqtt', found: [thing('a'), thing('a')] }, [1, 0, null], /^$/],
    ['an account without relays works', { vendor: 'shelly-cloud', found: [] }, [0, 0, null], /^$/],
    ['a list without addresses', { vendor: 'shelly-lan', found: [], addresses: [] }, [0, 0, 'ours'], /^No address/],
    ['a broker without relays', { vendor: 'shelly-mqtt', found: [] }, [0, 0, 'device'], /^The broker answers, but no/],
    [
      'nobody has dialled',
      { vendor: 'shelly-websocket', found: [], dialUrl },
      [0, 0, 'device'],
      /^No relay has dialled in yet\..*wss:\/\/pay\.example\.com\/api\/inbound\/shelly\/secret$/,
    ],
    [
      'nobody is there any more',
      { vendor: 'shelly-websocket', found: [silent('a')], dialUrl },
      [0, 1, 'device'],
      /^No relay that has dialled in before is connected now: a\..*secret$/,
    ],
    [
      'an account with one away',
      { vendor: 'shelly-cloud', found: [thing('a'), silent('b')] },
      [1, 1, 'device'],
      /^The account works, but 1 of 2 relays are offline: b\./,
    ],
    [
      'an address that was never heard of',
      { vendor: 'shelly-lan', found: [thing('a', { addresses: ['1.1'] })], addresses: ['1.1', '1.2', '1.3'] },
      [1, 2, 'device'],
      /^2 of 3 addresses do not answer as they should: 1\.2, 1\.3\./,
    ],
    [
      'an address whose relay has fallen silent',
      {
        vendor: 'shelly-lan',
        found: [thing('a', { addresses: ['1.1'] }), thing('b', { online: false, addresses: ['1.2'] })],
        addresses: ['1.1', '1.2'],
      },
      [1, 1, 'device'],
      /^1 of 2 addresses do not answer as they should: 1\.2 \(b\)\./,
    ],
    [
      'one relay by its address and by its name',
      { vendor: 'shelly-lan', found: [thing('a', { addresses: ['1.1', 'a.lan'] })], addresses: ['1.1', 'a.lan'] },
      [1, 0, null],
      /^$/,
    ],
    [
      'every address answers, and a device of ours is at none of them',
      { vendor: 'shelly-lan', found: [thing('a', { addresses: ['1.1'] }), silent('gone')], addresses: ['1.1'] },
      [1, 1, 'device'],
      /^gone cannot be found at any of the addresses/,
    ],
    [
      'one that refuses our password among those that answer',
      {
        vendor: 'shelly-lan',
        found: [thing('a', { addresses: ['1.1'] }), { ...refusing('b'), addresses: ['1.2'] }],
        addresses: ['1.1', '1.2'],
      },
      [1, 1, 'ours'],
      /^b does not accept the password that is set here\. \(b: the device does not accept it\)$/,
    ],
    [
      'one that refuses us, and an address where nobody is',
      {
        vendor: 'shelly-lan',
        found: [thing('a', { addresses: ['1.1'] }), { ...refusing('b'), addresses: ['1.2'] }],
        addresses: ['1.1', '1.2', '1.3'],
      },
      [1, 2, 'ours'],
      /^b does not accept .*\) 1 of 3 addresses do not answer as they should: 1\.3\./,
    ],
    [
      'one that refuses us, and one that is silent',
      { vendor: 'shelly-mqtt', found: [refusing('a'), silent('b')] },
      [0, 2, 'ours'],
      /^a does not accept .*\) The broker answers, but 1 of 2 relays on it do not: b\./,
    ],
    [
      'many',
      { vendor: 'shelly-mqtt', found: ['a', 'b', 'c', 'd', 'e', 'f'].map(silent) },
      [0, 6, 'device'],
      /6 of 6 relays on it do not: a, b, c, d, e …\./,
    ],
  ])('%s', (_, asked, [online, offline, fault], words) => {
    const result = judged(asked);
    expect([result.online, result.offline, result.away?.fault ?? null]).toEqual([online, offline, fault]);
    expect(result.away?.error ?? '').toMatch(words);
  });
});

test.each([
  ['shelly-mqtt', 'credentials', 'ours', /^The broker does not accept/],
  ['shelly-mqtt', 'unreachable', 'network', /^The broker cannot be reached/],
  ['shelly-mqtt', 'vendor', 'vendor', /^The broker did not answer/],
  ['shelly-cloud', 'unreachable', 'network', /^The server could not be asked/],
  ['shelly-cloud', 'vendor', 'vendor', /^Shelly Cloud did not answer as it should\. Check that the server is the one/],
  ['shelly-lan', 'unreachable', 'device', /^No relay answers/],
  ['shelly-lan', 'credentials', 'ours', /^A relay does not accept/],
] as const)('of %s nothing is heard (%s): the fault is %s', (vendor, reason, fault, words) => {
  const why = whyNothing(vendor, reason, 'exactly so');
  expect(why.fault).toBe(fault);
  expect(why.error).toMatch(words);
  expect(why.error).toContain('(exactly so)');
});
