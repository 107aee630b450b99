import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, idOf, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const place = 'PATCH /api/locations/{location}';
const device = 'PATCH /api/devices/{washer}';
const day = [{ opens: '07:00', closes: '22:00' }];
const none = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
const christmas = { date: '2026-12-25', name: 'Christmas', yearly: true, closed: true, windows: [] };
const audited = async (action: string) => {
  const { rows } = await laundry.app.database.pool.query(
    'select details from audit_entries where action = $1 order by number desc limit 1',
    [action],
  );
  return rows[0]?.details;
};

describe('opening hours', () => {
  test('of a location are kept for every day, its windows in order, and taken away by null', async () => {
    const hours = {
      kind: 'weekly',
      monday: [
        { opens: '13:00', closes: '24:00' },
        { opens: '07:00', closes: '12:00' },
      ],
      saturday: [{ opens: '18:00', closes: '02:00' }],
    };
    const kept = {
      ...none,
      kind: 'weekly',
      monday: [
        { opens: '07:00', closes: '12:00' },
        { opens: '13:00', closes: '24:00' },
      ],
      saturday: [{ opens: '18:00', closes: '02:00' }],
    };
    const answer = await ask(laundry, place, { openingHours: hours, lastStart: 'before-closing' });
    expect([answer.status, answer.body.openingHours, answer.body.lastStart]).toEqual([200, kept, 'before-closing']);
    expect((await ask(laundry, 'GET /api/locations')).body[0]).toEqual(answer.body);
    expect(await audited('location changed')).toEqual({
      from: {
        name: 'Harbour Street',
        address: null,
        timeZone: 'Europe/Berlin',
        openingHours: null,
        lastStart: 'ends-before-closing',
      },
      to: {
        name: 'Harbour Street',
        address: null,
        timeZone: 'Europe/Berlin',
        openingHours: kept,
        lastStart: 'before-closing',
      },
    });
    const renamed = await ask(laundry, place, { address: '1 Quay' }, { token: laundry.tokens.operator });
    expect(renamed.body.openingHours).toEqual(kept);
    const cleared = await ask(laundry, place, { openingHours: null, lastStart: 'ends-before-closing', address: null });
    expect([cleared.body.openingHours, cleared.body.lastStart]).toEqual([null, 'ends-before-closing']);
  });

  test.each([
    [{ kind: 'always' }, { kind: 'always' }],
    [{ kind: 'closed' }, { kind: 'closed' }],
    [{ kind: 'weekly' }, { kind: 'weekly', ...none }],
    [
      { kind: 'weekly', sunday: [{ opens: '00:00', closes: '24:00' }] },
      { kind: 'weekly', ...none, sunday: [{ opens: '00:00', closes: '24:00' }] },
    ],
  ])('%j are taken, for locations and for devices', async (sent, kept) => {
    for (const thing of [place, device]) {
      expect((await ask(laundry, thing, { openingHours: sent })).body.openingHours).toEqual(kept);
      expect((await ask(laundry, thing, { openingHours: null })).body.openingHours).toBeNull();
    }
  });

  test('may come with a new location, and with a new device', async () => {
    const hours = { kind: 'weekly', friday: day };
    const made = await ask(laundry, 'POST /api/locations', {
      name: 'Cellar',
      openingHours: hours,
      holidays: [christmas],
      lastStart: 'before-closing',
    });
    expect(made.body).toMatchObject({
      id: idOf('loc'),
      openingHours: { ...none, ...hours },
      holidays: [christmas],
      lastStart: 'before-closing',
    });
    expect(await audited('location created')).toMatchObject({ openingHours: hours, holidays: [christmas] });
    expect((await ask(laundry, `DELETE /api/locations/${made.body.id}`)).status).toBe(200);
    const spare = {
      shellyDeviceId: 'shellyplus1-5ba4e0f00d42',
      connectionId: '{connection}',
      locationId: '{location}',
    };
    const added = await ask(laundry, 'POST /api/devices', { ...spare, openingHours: { kind: 'closed' } });
    expect([added.status, added.body.openingHours]).toEqual([200, { kind: 'closed' }]);
    expect(await audited('device added')).toMatchObject({ after: { openingHours: { kind: 'closed' } } });
    await ask(laundry, `DELETE /api/devices/${added.body.id}`);
  });

  test('of a device are audited, old and new, where they were touched', async () => {
    await ask(laundry, device, { openingHours: { kind: 'always' } });
    await ask(laundry, device, { openingHours: { kind: 'closed' } });
    expect(await audited('device changed')).toMatchObject({
      before: { openingHours: { kind: 'always' } },
      after: { openingHours: { kind: 'closed' } },
    });
    await ask(laundry, device, { openingHours: null });
    await ask(laundry, device, { description: null });
    expect((await audited('device changed')).after).not.toHaveProperty('openingHours');
  });

  test('and holidays are for administrators', async () => {
    const operator = { token: laundry.tokens.operator };
    const rows: Refusal[] = [
      ['hours', place, { openingHours: { kind: 'closed' } }, 403, 'FORBIDDEN'],
      ['no hours', place, { openingHours: null }, 403, 'FORBIDDEN'],
      ['holidays', place, { name: 'x', holidays: [] }, 403, 'FORBIDDEN'],
      ['the last start', place, { lastStart: 'before-closing' }, 403, 'FORBIDDEN'],
      ['hours of a device', device, { openingHours: { kind: 'always' } }, 403, 'FORBIDDEN'],
    ];
    for (const row of rows) await expectRefused(laundry, row, operator);
  });
});

describe('holidays', () => {
  test('are kept in one form, and taken away by null', async () => {
    const holidays = [
      { date: '2026-12-25', name: ' Christmas ', yearly: true },
      { date: '2026-12-25', name: 'Open house', windows: day },
      { date: '2028-02-29', name: 'Leap day', closed: true, windows: [] },
    ];
    const kept = [
      christmas,
      { date: '2026-12-25', name: 'Open house', yearly: false, closed: false, windows: day },
      { date: '2028-02-29', name: 'Leap day', yearly: false, closed: true, windows: [] },
    ];
    expect((await ask(laundry, place, { holidays })).body.holidays).toEqual(kept);
    expect((await ask(laundry, place, { holidays: kept })).body.holidays).toEqual(kept);
    expect((await ask(laundry, place, { holidays: null })).body.holidays).toEqual([]);
  });
});

const wrong = 'VALIDATION_ERROR';
const windows = (...pairs: [string, string][]) => pairs.map(([opens, closes]) => ({ opens, closes }));
const monday = (...pairs: [string, string][]) => ({ openingHours: { kind: 'weekly', monday: windows(...pairs) } });
const seven = Array.from({ length: 7 }, (_, n) => ({ opens: `0${n}:00`, closes: `0${n}:30` }));

const hoursRefused: [what: string, body: unknown, field: string][] = [
  ['a text', { openingHours: 'always' }, 'openingHours'],
  ['a list', { openingHours: [] }, 'openingHours'],
  ['no kind', { openingHours: { monday: day } }, 'openingHours.kind'],
  ['an unknown kind', { openingHours: { kind: 'sometimes' } }, 'openingHours.kind'],
  ['a day nobody knows', { openingHours: { kind: 'weekly', someday: [] } }, 'openingHours.someday'],
  ['days where it is always open', { openingHours: { kind: 'always', monday: day } }, 'openingHours.monday'],
  ['null for a day', { openingHours: { kind: 'weekly', monday: null } }, 'openingHours.monday'],
  ['seven windows a day', { openingHours: { kind: 'weekly', monday: seven } }, 'openingHours.monday'],
  [
    'a window without an end',
    { openingHours: { kind: 'weekly', friday: [{ opens: '07:00' }] } },
    'openingHours.friday[0].closes',
  ],
  [
    'a window with more',
    { openingHours: { kind: 'weekly', friday: [{ ...day[0], x: 1 }] } },
    'openingHours.friday[0].x',
  ],
  ['25 o’clock', monday(['25:00', '26:00']), 'openingHours.monday[0].opens'],
  ['60 minutes', monday(['07:60', '08:00']), 'openingHours.monday[0].opens'],
  ['7 o’clock without its nought', monday(['7:00', '08:00']), 'openingHours.monday[0].opens'],
  ['a beginning at 24:00', monday(['24:00', '08:00']), 'openingHours.monday[0].opens'],
  ['an end at 24:01', monday(['07:00', '24:01']), 'openingHours.monday[0].closes'],
  [
    'a number for a time',
    { openingHours: { kind: 'weekly', monday: [{ opens: 7, closes: 8 }] } },
    'openingHours.monday[0].opens',
  ],
  ['a window of no length', monday(['06:00', '07:00'], ['08:00', '08:00']), 'openingHours.monday[1].closes'],
  ['the whole day as 00:00 to 00:00', monday(['00:00', '00:00']), 'openingHours.monday[0].closes'],
  ['windows over one another', monday(['12:00', '18:00'], ['07:00', '12:01']), 'openingHours.monday[0].opens'],
  ['a night over the next window', monday(['07:00', '03:00'], ['08:00', '09:00']), 'openingHours.monday[1].opens'],
];
const holiday = (more: Record<string, unknown>) => ({ holidays: [{ date: '2026-12-25', name: 'x', ...more }] });
const placeRefused: [what: string, body: unknown, field: string][] = [
  ['an object for holidays', { holidays: {} }, 'holidays'],
  ['a hundred and one holidays', { holidays: Array.from({ length: 101 }, () => christmas) }, 'holidays'],
  ['a holiday without a date', { holidays: [{ name: 'x' }] }, 'holidays[0].date'],
  ['a holiday without a name', { holidays: [{ date: '2026-12-25' }] }, 'holidays[0].name'],
  ['a name of blanks', holiday({ name: ' ' }), 'holidays[0].name'],
  ['a name of 81 characters', holiday({ name: 'x'.repeat(81) }), 'holidays[0].name'],
  ['30 February', holiday({ date: '2026-02-30' }), 'holidays[0].date'],
  ['29 February of a common year', holiday({ date: '2026-02-29' }), 'holidays[0].date'],
  ['a date of the 13th month', holiday({ date: '2026-13-01' }), 'holidays[0].date'],
  ['a date with a time', holiday({ date: '2026-12-25T00:00' }), 'holidays[0].date'],
  ['the same date twice', { holidays: [christmas, { ...christmas, date: '2027-12-25' }] }, 'holidays[1].date'],
  ['a closed day with windows', holiday({ closed: true, windows: day }), 'holidays[0].windows'],
  ['an open day without windows', holiday({ closed: false }), 'holidays[0].windows'],
  [
    'windows over one another',
    holiday({ windows: windows(['07:00', '12:00'], ['11:00', '13:00']) }),
    'holidays[0].windows[1].opens',
  ],
  ['NUL in a name', holiday({ name: 'a\0' }), 'holidays[0].name'],
  ['a field nobody knows', holiday({ colour: 'red' }), 'holidays[0].colour'],
  ['an unknown last start', { lastStart: 'whenever' }, 'lastStart'],
  ['null for a last start', { lastStart: null }, 'lastStart'],
];

describe('hours that are no hours are refused, and change nothing', () => {
  test.each(hoursRefused)('%s, for locations and devices', async (what, body, field) => {
    await expectRefused(laundry, [what, place, body, 400, wrong, field]);
    await expectRefused(laundry, [what, device, body, 400, wrong, field]);
  });
  test.each(placeRefused)('%s', async (what, body, field) => {
    await expectRefused(laundry, [what, place, body, 400, wrong, field]);
    await expectRefused(laundry, [what, 'POST /api/locations', { name: 'x', ...(body as object) }, 400, wrong, field]);
  });
  test('holidays of a device', async () => {
    await expectRefused(laundry, ['holidays', device, { holidays: [] }, 400, wrong, 'holidays']);
  });
});
