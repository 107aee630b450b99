import { describe, expect, test } from 'vitest';
import { Problem } from '../errors.ts';
import { type GivenCommand, inOrder, readPinCommand } from './partner-command.ts';

const load = { action: 'load', pin: '0482', accessType: 'always' };
const uuid = 'a57f9bda-a0f3-4990-8567-aec391f13038';

describe('a command', () => {
  test('keeps what it was given to the letter', () => {
    const written = { accessTimes: 'STARTSEC=1; ', accessRecurrence: ' FREQ=DAILY' };
    const read = readPinCommand({ ...load, ...written, accessType: 'recurring', partnerUserID: 'guest 7' });
    expect(read).toEqual({
      action: 'load',
      user: { kind: 'partner', partnerUserId: 'guest 7' },
      pin: '0482',
      accessType: 'recurring',
      written,
      firstName: null,
      lastName: null,
    });
  });

  test.each<[GivenCommand, unknown]>([
    [{ augustUserID: uuid }, { kind: 'known', who: { kind: 'uuid', uuid } }],
    [{ userID: uuid.toUpperCase() }, { kind: 'known', who: { kind: 'uuid', uuid } }],
    [{ userID: 'email:a@b.example' }, { kind: 'known', who: { kind: 'email', email: 'a@b.example' } }],
    [
      { partnerUserID: '7', userID: uuid },
      { kind: 'partner', partnerUserId: '7' },
    ],
    [{ partnerUserID: '', userID: null }, { kind: 'nobody' }],
  ])('of %j is for %j', (given, user) => {
    expect(readPinCommand({ ...load, ...given }).user).toEqual(user);
  });

  test.each<[GivenCommand, string]>([
    [{}, 'action'],
    [{ ...load, action: 'steal' }, 'action'],
    [{ ...load, accessType: 'sometimes' }, 'accessType'],
    [{ ...load, accessType: null }, 'accessType'],
    [{ ...load, pin: null }, 'pin'],
    [{ ...load, pin: 482 }, 'pin'],
    [{ action: 'update' }, 'pin'],
    [{ action: 'update', pin: '0482', accessTimes: 'DTSTART=x' }, 'accessType'],
    [{ ...load, userID: 'anna' }, 'userID'],
    [{ ...load, augustUserID: 'email:anna' }, 'augustUserID'],
  ])('%j is refused, and names %s', (given, field) => {
    const read = () => readPinCommand(given);
    expect(read).toThrow(Problem);
    expect(read).toThrow(expect.objectContaining({ field }));
  });
});

describe('several', () => {
  const command = (action: string, partnerUserID: string | null, pin = '0482') =>
    readPinCommand({ ...load, action, pin, partnerUserID });
  const told = (...given: [string, string | null][]) =>
    inOrder(given.map(([action, who]) => command(action, who))).map(({ action, replaces }) => [action, replaces]);

  test('stay in their order', () => {
    expect(told(['load', 'a'], ['disable', 'b'], ['delete', 'a'])).toEqual([
      ['load', false],
      ['disable', false],
      ['delete', false],
    ]);
  });

  test('a delete and a later load for the same user are a change of the code', () => {
    expect(told(['delete', 'a'], ['load', 'b'], ['load', 'a'])).toEqual([
      ['load', false],
      ['load', true],
    ]);
  });

  test('but not for another, for nobody in particular, or when something else came between', () => {
    expect(told(['delete', 'a'], ['load', 'b']).length).toBe(2);
    expect(told(['delete', null], ['load', null]).length).toBe(2);
    expect(told(['delete', 'a'], ['enable', 'a'], ['load', 'a']).length).toBe(3);
  });
});
