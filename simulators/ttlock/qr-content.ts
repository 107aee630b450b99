/** What stands in a QR code: all that a lock without a network must know, and a seal that only the platform can make. */
import { createHmac } from 'node:crypto';
import { isWithin, MINUTE, type Stretch } from './local-time.ts';

export type QrTimes = { startDate: number | null; endDate: number | null; stretches: Stretch[] | null };
export type QrTicket = QrTimes & { lockId: number; number: number; madeAt: number; freshMs: number };

const sealOf = (seed: string, text: string): string =>
  createHmac('sha256', `${seed} qr`).update(text).digest('base64url').slice(0, 22);

export function writeTicket(seed: string, ticket: QrTicket): string {
  const text = Buffer.from(JSON.stringify(ticket)).toString('base64url');
  return `${text}.${sealOf(seed, text)}`;
}

/** null: nobody of the platform wrote that. */
export function readTicket(seed: string, content: string): QrTicket | null {
  const [text = '', seal = ''] = content.trim().split('.');
  if (text === '' || seal !== sealOf(seed, text)) return null;
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as QrTicket; // sealed by writeTicket
}

export type QrState = 'now' | 'over' | 'not-yet';

export function stateOf({ startDate, endDate }: QrTimes, now: number): QrState {
  if (endDate !== null && now >= endDate) return 'over';
  return startDate !== null && now < startDate ? 'not-yet' : 'now';
}

export type TicketVerdict = 'opens' | 'another-lock' | 'stale' | 'not-yet' | 'expired' | 'not-now';

export function judgeTicket(
  ticket: QrTicket,
  lock: { lockId: number; zoneOffsetMs: number },
  now: number,
): TicketVerdict {
  if (ticket.lockId !== lock.lockId) return 'another-lock';
  if (now >= ticket.madeAt + ticket.freshMs || now < ticket.madeAt - 5 * MINUTE) return 'stale';
  const state = stateOf(ticket, now);
  if (state !== 'now') return state === 'over' ? 'expired' : 'not-yet';
  const { stretches } = ticket;
  return stretches === null || stretches.some((each) => isWithin(each, now, lock.zoneOffsetMs)) ? 'opens' : 'not-now';
}
