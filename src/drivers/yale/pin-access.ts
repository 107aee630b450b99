import type { Instant } from '../../rules/instant.ts';
import type { CodeWindow } from '../lock-port.ts';
import type { Pin } from './wire.ts';

/** When a code opens, as the cloud writes it. */
export type Access = { accessType: 'always' } | { accessType: 'temporary'; accessTimes: string };

/** As late as it is written: for a code without an end that begins later. */
const noEnd: Instant = Date.UTC(2099, 11, 31);

/** `schedules` false: the lock knows codes that open always, and no others; somebody else has to keep the window. */
export function accessOf({ from, until }: CodeWindow, o: { now: Instant; schedules: boolean }): Access {
  if (!o.schedules || (until === null && from <= o.now)) return { accessType: 'always' };
  const [start, end] = [from, until ?? noEnd].map((at) => new Date(at).toISOString());
  return { accessType: 'temporary', accessTimes: `DTSTART=${start};DTEND=${end}` };
}

/** As they stand on a code: byte for byte, as the cloud gives back what it was given. */
export const sameAccess = (pin: Pin, access: Access): boolean =>
  pin.accessType === access.accessType && (access.accessType === 'always' || pin.accessTimes === access.accessTimes);

/** null: it recurs, opens once, or is written in a way that is not known here. */
export function windowOf({ accessType, accessTimes }: Pin): CodeWindow | null {
  if (accessType === 'always') return { from: 0, until: null };
  if (accessType !== 'temporary') return null;
  const fields = Object.fromEntries((accessTimes ?? '').split(';').map((one) => one.split('=', 2) as [string, string]));
  const from = fields.DTSTART === undefined ? Number(fields.STARTSEC) * 1000 : Date.parse(fields.DTSTART);
  const until = fields.DTEND === undefined ? Number(fields.ENDSEC) * 1000 : Date.parse(fields.DTEND);
  if (Number.isNaN(from) || Number.isNaN(until)) return null;
  return { from, until: until >= noEnd ? null : until };
}
