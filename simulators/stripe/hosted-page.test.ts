import { afterEach, describe, expect, it } from 'vitest';
import { type StripeSimulator, startStripeSimulator } from './start.ts';
import { clientOf, washing } from './test-bench.ts';

let simulator: StripeSimulator | null = null;
afterEach(async () => simulator?.close());

async function page(overrides: object = {}): Promise<{ stripe: StripeSimulator; url: string; id: string }> {
  simulator = await startStripeSimulator({ stateDir: null });
  const { id, url } = await clientOf(simulator).checkout.sessions.create(washing(overrides));
  return { stripe: simulator, url: url ?? '', id };
}
function submit(url: string, fields: Record<string, string> = {}): Promise<Response> {
  const card = { email: 'g@example.com', cardNumber: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123' };
  return fetch(url, { method: 'POST', body: new URLSearchParams({ ...card, ...fields }), redirect: 'manual' });
}

describe('the simulated hosted payment page', () => {
  it('names what is bought, the price and the way back', async () => {
    const { url } = await page({ customer_email: 'a&b@example.com' });
    const html = await (await fetch(url)).text();
    expect(html).toContain('Simulated Stripe page');
    expect(html).toContain('Washer 1, 60 minutes');
    expect(html).toContain('€2.50');
    expect(html).toContain('value="a&amp;b@example.com" readonly');
    expect(html).toContain('href="http://127.0.0.1:9/back"');
    expect(html).not.toContain('<script');
  });

  it('takes a good card and sends the guest on with the session’s id', async () => {
    const { stripe, url, id } = await page();
    const answer = await submit(url);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`http://127.0.0.1:9/done?session_id=${id}`);
    expect(stripe.checkouts()[0]).toMatchObject({ status: 'complete', customerEmail: 'g@example.com' });
    const again = await submit(url);
    expect(await again.text()).toContain('This payment is complete');
    expect(stripe.charges()).toHaveLength(1);
  });

  it('says why a card is declined and lets the guest try another', async () => {
    const { url } = await page();
    const declined = await submit(url, { cardNumber: '4000 0000 0000 0002' });
    expect(declined.status).toBe(402);
    expect(await declined.text()).toMatch(/role="alert"[^>]*>Your card was declined\./);
    expect((await submit(url)).status).toBe(303);
  });

  it('checks number, date, code and e-mail before it charges', async () => {
    const { stripe, url } = await page();
    const complaints: Record<string, string>[] = [
      { cardNumber: '1234' },
      { expiry: '13/34' },
      { expiry: '01/20' },
      { cvc: '1' },
      { email: 'nobody' },
    ];
    for (const mistake of complaints) {
      const answer = await submit(url, mistake);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('role="alert"');
    }
    expect(stripe.events()).toEqual([]);
  });

  it('is friendly about an expired session and an unknown one', async () => {
    const { stripe, url, id } = await page();
    await clientOf(stripe).checkout.sessions.expire(id);
    expect(await (await submit(url)).text()).toContain('This page has expired');
    expect((await fetch(`${stripe.url}/c/pay/cs_test_none`)).status).toBe(404);
  });
});
