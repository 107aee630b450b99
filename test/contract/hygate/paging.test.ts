import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay } from '../../support/purchase.ts';
import { ask, expectError } from '../../support/requests.ts';

let laundry: Laundry;
const lists = ['locations', 'devices', 'connections', 'sessions', 'payments', 'notices'] as const;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  for (const name of ['One', 'Two']) {
    await ask(laundry, 'POST /api/locations', { name });
    await ask(laundry, 'POST /api/connections', { vendor: 'shelly-lan', name, devices: [] });
  }
  const spare = { shellyDeviceId: 'shellyplus1-spare', connectionId: '{connection}', locationId: '{location}' };
  await ask(laundry, 'POST /api/devices', spare);
  for (let count = 0; count < 3; count++) {
    const { token } = await beginToPay(laundry, laundry.washer.plans.now);
    await ask(laundry, `PATCH /api/sessions/${token}/end`);
    await laundry.ahead(1000);
  }
  const { notices, organizations } = laundry.app.services;
  const first = await organizations.first();
  if (first === null) throw new Error('There is no first organization');
  for (const subject of ['a', 'b', 'c']) {
    await laundry.app.database.transaction('test-notice', (tx) =>
      notices.raise(tx, first.id, 'refund-failed', subject, {}),
    );
  }
});
afterAll(() => laundry.close());

const idsOf = (body: { id: string }[]) => body.map(({ id }) => id);
const next = (link: string | null) => /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1] ?? null;

/** Every id that a list gives when its links are followed to the end. */
async function follow(path: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let url: string | null = laundry.url + path; url !== null; ) {
    const page = await laundry.call('GET', url, { token: laundry.tokens.admin });
    expect(page.status).toBe(200);
    pages.push(idsOf(page.body));
    url = next(page.headers.get('link'));
    if (pages.length > 20) throw new Error('The links never end');
  }
  return pages;
}

describe.each(lists)('/api/%s', (list) => {
  test.each([1, 2, 3])('in pages of %i gives each item once, in the order of the whole', async (limit) => {
    const whole = await ask(laundry, `GET /api/${list}`);
    expect(whole.body.length).toBe(3);
    expect(whole.headers.get('link')).toBeNull();
    const pages = await follow(`/api/${list}?limit=${limit}`);
    expect(pages.flat()).toEqual(idsOf(whole.body));
    expect(pages.length).toBe(Math.ceil(3 / limit));
    expect(new Set(pages.flat()).size).toBe(3);
  });

  test('gives an empty page after the last item, and all before the first', async () => {
    const ids = idsOf((await ask(laundry, `GET /api/${list}`)).body);
    const after = await ask(laundry, `GET /api/${list}?after=${ids.at(-1)}`);
    expect([after.status, after.body, after.headers.get('link')]).toEqual([200, [], null]);
    expect(idsOf((await ask(laundry, `GET /api/${list}?after=&limit=500`)).body)).toEqual(ids);
  });

  test.each(['0', '501', 'abc', '-1', '1.5', '1e2', '%201', '0x10', '9'.repeat(15), '9'.repeat(40)])(
    'refuses a limit of %s',
    async (limit) => {
      expectError(await ask(laundry, `GET /api/${list}?limit=${limit}`), 400, 'VALIDATION_ERROR', 'limit');
    },
  );

  test('refuses two limits, and a key that no list could have made', async () => {
    expectError(await ask(laundry, `GET /api/${list}?limit=1&limit=2`), 400, 'VALIDATION_ERROR', 'limit');
    expectError(await ask(laundry, `GET /api/${list}?after=${'x'.repeat(600)}`), 400, 'VALIDATION_ERROR', 'after');
    expectError(await ask(laundry, `GET /api/${list}?after=%00`), 400, 'VALIDATION_ERROR', 'after');
  });
});

describe('the link to the next page', () => {
  test('keeps the filters', async () => {
    const path = `/api/payments?limit=1&status=FAILED&deviceId=${laundry.washer.id}&to=2100-01-01`;
    const { headers } = await ask(laundry, `GET ${path}`);
    const url = new URL(next(headers.get('link')) ?? '');
    expect(url.origin).toBe(laundry.url);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      limit: '1',
      status: 'FAILED',
      deviceId: laundry.washer.id,
      to: '2100-01-01',
    });
    expect((await follow(path)).flat().length).toBe(3);
  });

  test('skips nothing when something is added or taken away meanwhile', async () => {
    const first = await ask(laundry, 'GET /api/locations?limit=1');
    const [{ id: seen }] = first.body;
    await ask(laundry, 'POST /api/locations', { name: 'Came later' });
    const rest = await follow(`/api/locations?limit=1&after=${seen}`);
    expect(rest.flat().length).toBe(3);
    const [gone] = rest.flat();
    await ask(laundry, `DELETE /api/locations/${gone}`);
    expect((await follow(`/api/locations?limit=1&after=${gone}`)).flat()).toEqual(rest.flat().slice(1));
  });
});
