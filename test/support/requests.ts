import { expect } from 'vitest';
import type { Answer, CallOptions, Laundry } from './laundry.ts';
import { fingerprint } from './rows.ts';

/** Requests in tables are written before the laundry is open: `{washer}` and the like stand for its ids. */
function fill(laundry: Laundry, text: string): string {
  const { washer, dryer, locationId, connectionId, shelly } = laundry;
  const ids: Record<string, string> = {
    washer: washer.id,
    washerUid: washer.uid,
    washerRelay: shelly.device('Washer 1').id,
    dryer: dryer.id,
    dryerUid: dryer.uid,
    dryPlan: dryer.plan,
    location: locationId,
    connection: connectionId,
    ...washer.plans,
  };
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole);
}

/** `POST /api/devices/{washer}/switch`, as the administrator unless another token (or none: null) is given. */
export function ask(
  laundry: Laundry,
  request: string,
  body?: unknown,
  o: Omit<CallOptions, 'token' | 'body'> & { token?: string | null } = {},
): Promise<Answer> {
  const [method = '', path = ''] = fill(laundry, request).split(' ');
  const { token = laundry.tokens.admin, ...rest } = o;
  return laundry.call(method, path, {
    ...rest,
    ...(token === null ? {} : { token }),
    ...(body === undefined ? {} : { body: JSON.parse(fill(laundry, JSON.stringify(body))) }),
  });
}

/** One row of a table of requests that are refused and change nothing. */
export type Refusal = [what: string, request: string, body: unknown, status: number, code: string, field?: string];

export async function expectRefused(
  laundry: Laundry,
  [, request, body, status, code, field]: Refusal,
  o: Parameters<typeof ask>[3] = {},
): Promise<Answer> {
  await laundry.until('Stripe has told what there was', () => hasTold(laundry)); // late news would be taken for a change
  const before = await fingerprint(laundry);
  const answer = await ask(laundry, request, body, o);
  expectError(answer, status, code, field);
  expect(await fingerprint(laundry)).toEqual(before);
  return answer;
}

/** Every webhook that is on its way has come, and was answered. */
function hasTold({ stripe, clock }: Laundry): boolean {
  if (stripe.state().webhooksHeld) return true;
  return stripe.deliveries().every(({ delivered, nextAt }) => delivered || nextAt === null || nextAt > clock.now());
}

/** `{error, code}`, with `field` exactly where one is to blame. */
export function expectError(answer: Answer, status: number, code: string, field?: string): void {
  const { status: was, body } = answer;
  expect({ status: was, code: body?.code, field: body?.field }).toEqual({ status, code, field });
  expect(body.error).toEqual(expect.stringMatching(/./));
}

export const instant: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const idOf = (prefix: string): unknown => expect.stringMatching(new RegExp(`^${prefix}_[0-9a-z]{26}$`));
