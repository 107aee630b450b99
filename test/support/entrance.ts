import { expect } from 'vitest';
import type { PassRow } from '../../src/features/passes/passes.service.ts';
import type { PaymentRow } from '../../src/features/payments/payments.service.ts';
import type { LockPlace } from './lock-place.ts';

/** What a guest does at a door: asks for its page, begins to pay, looks at what came of it. */
export type Begun = { status: number; url: string; cookie: string; checkoutId: string; token: string; body: unknown };

export const uidOf = async (place: LockPlace, doorId: string): Promise<string> =>
  (await place.get(`/api/doors/${doorId}`)).body.uid;

export async function beginAtDoor(
  place: LockPlace,
  uid: string,
  o: { cookie?: string; body?: Record<string, unknown> } = {},
): Promise<Begun> {
  const answer = await place.call('POST', `/api/public/door/${uid}/intent`, {
    body: { email: 'guest@example.com', ...o.body },
    ...(o.cookie === undefined ? {} : { cookie: o.cookie }),
  });
  const url = String(answer.body?.url ?? '');
  const checkout = place.stripe.checkouts().find((candidate) => candidate.url === url);
  const success = checkout?.successUrl ?? url;
  return {
    status: answer.status,
    url,
    cookie: o.cookie ?? (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '',
    checkoutId: checkout?.id ?? '',
    token: /\/access\/([^?]+)/.exec(success)?.[1] ?? '',
    body: answer.body,
  };
}

export const accessOf = async (place: LockPlace, token: string) =>
  (await place.call('GET', `/api/public/access/${token}`)).body;

export const untilAccess = (place: LockPlace, token: string, state: string) =>
  place.until(`the pass is ${state}`, async () => {
    const access = await accessOf(place, token);
    return access?.state === state ? access : null;
  });

/** Begins, pays, and waits until the pass is so. */
export async function buyEntry(place: LockPlace, uid: string, state = 'ready') {
  const begun = await beginAtDoor(place, uid);
  expect(begun.status).toBe(200);
  expect(await place.stripe.pay(begun.checkoutId)).toEqual({ paid: true });
  return { ...begun, access: await untilAccess(place, begun.token, state) };
}

export async function kept(place: LockPlace, token: string): Promise<{ pass: PassRow; payment: PaymentRow }> {
  const { passes, payments } = place.app.services;
  const pass = await passes.byToken(token);
  if (pass === null) throw new Error('There is no such pass');
  const [payment, ...others] = await payments.of(pass.organization_id, { passId: pass.id });
  if (payment === undefined || others.length > 0) throw new Error('There is not exactly one payment');
  return { pass, payment };
}
