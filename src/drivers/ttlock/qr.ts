import { minutes } from '../../rules/instant.ts';
import type { LockCommand, LockOutcome } from '../lock-port.ts';
import { type Ask, notDone, send, strange, written } from './ask.ts';
import { GivenQr, parsed, QrData } from './wire.ts';

const [period, permanent] = [1, 2] as const;
/** What a picture holds is good for so many minutes; the platform's page makes another one. At most a day. */
const freshness = { usual: 10, longest: 1440 } as const;

/**
 * A code for the lock's camera. What the picture holds is asked for once it is made (nothing before its time), and stays
 * good as long as the window where that is no longer than a day: it is shown by us then, else by the platform's page alone.
 */
export async function issueQr(
  ask: Ask,
  { window, name }: Extract<LockCommand, { kind: 'issue-qr' }>,
): Promise<LockOutcome> {
  const { from, until } = window;
  const times = until === null ? { type: permanent } : { type: period, startDate: from, endDate: until };
  const fields = { ...times, name: name.slice(0, 50), refreshTime: freshFor(until === null ? null : until - from) };
  const answer = await send(ask, '/v3/qrCode/add', fields);
  if (answer.kind !== 'answer') return notDone(answer);
  const made = parsed(GivenQr, answer.value);
  if (made === null) return strange('the QR code');
  const shown = await send(ask, '/v3/qrCode/getData', { qrCodeId: made.qrCodeId });
  const data = shown.kind === 'answer' ? parsed(QrData, shown.value) : null;
  const number = made.qrCodeNumber == null ? {} : { number: String(made.qrCodeNumber) };
  const lasts = until !== null && until - from <= minutes(freshness.longest);
  const qr = { content: lasts ? (data?.qrCodeContent ?? null) : null, link: made.link ?? null, ...number };
  const gave = { reference: String(made.qrCodeId), qr };
  return data === null ? { kind: 'accepted', gave } : written(gave);
}

/** Only taken: what was shown before opens until it is stale, as the lock has no way to hear of it. */
export async function revokeQr(ask: Ask, reference: string): Promise<LockOutcome> {
  if (!/^[1-9]\d{0,14}$/.test(reference)) {
    return { kind: 'refused', reason: 'code-missing', detail: 'TTLock knows no QR code of this name' };
  }
  const answer = await send(ask, '/v3/qrCode/delete', { qrCodeId: Number(reference) });
  if (answer.kind !== 'answer') return notDone(answer);
  return answer.done ? { kind: 'accepted' } : strange('the QR code');
}

const freshFor = (milliseconds: number | null): number =>
  milliseconds === null
    ? freshness.usual
    : Math.min(freshness.longest, Math.max(freshness.usual, Math.ceil(milliseconds / minutes(1))));
