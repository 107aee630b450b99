import { minutes } from '../../rules/instant.ts';
import type { LockCommand, LockOutcome } from '../lock-port.ts';
import { type Ask, notDone, send, strange, written } from './ask.ts';
import { GivenQr, parsed, QrData } from './wire.ts';

const [period, permanent] = [1, 2] as const;
/** What a picture holds is good for so many minutes; the platform's page makes another one. At most a day. */
const freshness = { usual: 10, longest: 1440 } as const;

/**
 * A code for the lock's camera. What the picture holds is asked for once it is made (nothing before its time). Where it stays
 * good as long as the window, which may be a day, it is shown by us; else by the platform's page alone, which renews it.
 */
export async function issueQr(
  ask: Ask,
  { window, name }: Extract<LockCommand, { kind: 'issue-qr' }>,
): Promise<LockOutcome> {
  const { from, until } = window;
  const minutesLong = until === null ? null : Math.ceil((until - from) / minutes(1));
  const lasts = minutesLong !== null && minutesLong <= freshness.longest;
  const times = until === null ? { type: permanent } : { type: period, startDate: from, endDate: until };
  const fields = {
    ...times,
    name: name.slice(0, 50),
    refreshTime: lasts ? Math.max(freshness.usual, minutesLong) : freshness.usual,
  };
  const answer = await send(ask, '/v3/qrCode/add', fields);
  if (answer.kind !== 'answer') return notDone(answer);
  const made = parsed(GivenQr, answer.value);
  if (made === null) return strange('the QR code');
  const reference = String(made.qrCodeId);
  const shown = await send(ask, '/v3/qrCode/getData', { qrCodeId: made.qrCodeId });
  const data = shown.kind === 'answer' ? parsed(QrData, shown.value) : null;
  const link = made.link ?? null;
  const qr = { content: lasts || link === null ? (data?.qrCodeContent ?? null) : null, link };
  const gave = { reference, qr };
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
