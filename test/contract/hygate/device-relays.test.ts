import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectError, expectRefused, instant } from '../../support/requests.ts';

/** Which relay a device is: one each, whatever it is called, and one that can be sold. */
let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const spare = 'shellyplus1-5ba4e0f00d42';
/** A device of a relay that is not plugged in. */
const addSpare = (body: Record<string, unknown> = {}) =>
  ask(laundry, 'POST /api/devices', {
    shellyDeviceId: spare,
    connectionId: '{connection}',
    locationId: '{location}',
    ...body,
  });

describe('devices', () => {
  test.each([
    ['in the cloud', '5ba4e0f00d42'],
    ['in the cloud, in decimal', String(0x5ba4e0f00d42)],
    ['by its short name', 'shelly1-F00D42'],
    ['in capitals', spare.toUpperCase()],
  ])('are one device on one relay, though it is called otherwise %s', async (_, otherName) => {
    await addSpare();
    const refused = await addSpare({ shellyDeviceId: otherName, name: 'The same' });
    expectError(refused, 409, 'CONFLICT');
    expect(refused.body.error).toContain(`"${spare}" already`); // its device has the name of the relay
    const moved = await ask(laundry, 'PATCH /api/devices/{dryer}', { shellyDeviceId: otherName });
    expectError(moved, 409, 'CONFLICT');
    expect(moved.body.error).toContain(`"${spare}" already`);
  });

  test('are on one relay each when it is added by two names at the same moment', async () => {
    const decimal = String(0x0badcafe0001);
    const names = ['shellyplus1-0badcafe0001', '0badcafe0001', 'shelly1-fe0001', decimal];
    const answers = await Promise.all(names.map((shellyDeviceId) => addSpare({ shellyDeviceId })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
    expect((await addSpare({ shellyDeviceId: '0badcafe0001', channel: 1 })).status).toBe(200); // another contact of it
  });

  test('go to another way to the same relay by a change of their own', async () => {
    const { body: made } = await addSpare({ shellyDeviceId: 'shellyplus1-0badcafe0002' });
    const path = `PATCH /api/devices/${made.id}`;
    expect((await ask(laundry, path, { shellyDeviceId: '0badcafe0002' })).body.shellyDeviceId).toBe('0badcafe0002');
  });

  test('are tied to no channel that the hardware does not have', async () => {
    const change = 'PATCH /api/devices/{dryer}';
    await expectRefused(laundry, ['', change, { channel: 1 }, 400, 'VALIDATION_ERROR', 'channel']);
    const { body: made } = await addSpare({ shellyDeviceId: 'shellyplus1-0badcafe0003' });
    const both = { shellyDeviceId: '{washerRelay}', channel: 1 };
    await expectRefused(laundry, ['', `PATCH /api/devices/${made.id}`, both, 400, 'VALIDATION_ERROR', 'channel']);
    expect((await ask(laundry, `DELETE /api/devices/${made.id}`)).status).toBe(200);
  });

  test('show what the new hardware is, and nothing of the old one', async () => {
    const relay = laundry.shelly.device('Dryer').id;
    const path = 'PATCH /api/devices/{dryer}';
    const away = await ask(laundry, path, { shellyDeviceId: 'shellyplus1-0badcafe0004' });
    expect(away.body).toMatchObject({ deviceType: null, channelCount: null, model: null, firmware: null });
    const back = await ask(laundry, path, { shellyDeviceId: relay });
    expect(back.body).toMatchObject({ deviceType: expect.any(String), channelCount: 1, model: expect.any(String) });
    const same = await ask(laundry, path, { shellyDeviceId: relay, channel: 0, connectionId: '{connection}' });
    expect(same.body).toEqual({ ...back.body, updatedAt: instant });
  });
});
