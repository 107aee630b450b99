import type { Laundry } from './laundry.ts';

/** A guest begins to pay; the cookie is theirs. */
export async function beginToPay(
  laundry: Laundry,
  planId: string,
  o: { uid?: string; cookie?: string; body?: Record<string, unknown> } = {},
): Promise<{
  status: number;
  url: string;
  cookie: string;
  checkoutId: string;
  token: string;
  code: string | undefined;
}> {
  const answer = await laundry.call('POST', `/api/public/device/${o.uid ?? laundry.washer.uid}/intent`, {
    body: { planId, email: 'guest@example.com', ...o.body },
    ...(o.cookie === undefined ? {} : { cookie: o.cookie }),
  });
  const url = String(answer.body?.url ?? '');
  const checkout = laundry.stripe.checkouts().find((candidate) => candidate.url === url);
  const success = checkout?.successUrl ?? url;
  return {
    status: answer.status,
    url,
    cookie: o.cookie ?? (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '',
    checkoutId: checkout?.id ?? '',
    token: /\/session\/([^?]+)/.exec(success)?.[1] ?? '',
    code: answer.body?.code,
  };
}

/** The public view of a session. */
export async function sessionOf(laundry: Laundry, token: string) {
  return (await laundry.call('GET', `/api/public/sessions/${token}`)).body;
}

/** Waits until a session's page shows this state. */
export function untilState(laundry: Laundry, token: string, state: string) {
  return laundry.until(`session ${state}`, async () => {
    const session = await sessionOf(laundry, token);
    return session.state === state ? session : null;
  });
}
