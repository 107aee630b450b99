import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilMails } from '../../support/inbox.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, untilState } from '../../support/purchase.ts';
import { ask } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
});
afterAll(() => laundry.close());

test('hostile names stay words: in the subject, in the text, in the HTML', async () => {
  const hostile = '<script>alert(1)</script>"&';
  await ask(laundry, 'PATCH /api/settings', {
    companyName: `${hostile}\r\nBcc: thief@example.com`,
    branding: { headerText: hostile, footerText: `${hostile}\n${hostile}` },
  });
  await ask(laundry, 'PATCH /api/devices/{washer}', { name: hostile });
  await ask(laundry, 'PATCH /api/locations/{location}', { name: hostile });
  const begun = await beginToPay(laundry, laundry.washer.plans.now);
  await laundry.stripe.pay(begun.checkoutId);
  await untilState(laundry, begun.token, 'running');
  await laundry.ahead(61_000);
  for (const mail of await untilMails(laundry, 'guest@example.com', 2)) {
    expect(mail.to).toEqual(['guest@example.com']);
    expect(mail.subject).toContain(hostile);
    expect(mail.sender.address).toBe('laundry@keystead.test');
    expect(mail.text).toContain(hostile);
    expect(mail.html).not.toContain('<script');
    expect(mail.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;');
    expect(mail.raw.split('\r\n\r\n', 1)[0]).not.toMatch(/^Bcc/im);
  }
});
