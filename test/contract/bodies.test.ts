import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FreshDatabase } from '../database/fresh.ts';
import { tryRoutes } from './http-routes.ts';
import { fresh, type SmallApp, smallApp } from './small-app.ts';

let database: FreshDatabase;
let small: SmallApp;

beforeAll(async () => {
  database = await fresh();
  small = await smallApp({ fresh: database, more: tryRoutes });
});

afterAll(async () => {
  await small.close();
  await database.drop();
});

const post = (url: string, payload: InjectOptions['payload'], headers = {}) =>
  small.app.inject({ method: 'POST', url, ...(payload === undefined ? {} : { payload }), headers });
const json = { 'content-type': 'application/json' };

describe('what comes in', () => {
  const url = '/api/try/things/t1';

  test('is handed over as it is, with defaults nowhere', async () => {
    const response = await post(`${url}?mode=5&utm=x`, { name: 'Washer', note: null, parts: [{ size: 1.5 }] });
    expect(response.json()).toEqual({
      id: 't1',
      mode: '5',
      thing: { name: 'Washer', note: null, parts: [{ size: 1.5 }] },
    });
  });

  test.each<[unknown, string, RegExp]>([
    [{}, 'name', /is required/],
    [{ name: 5 }, 'name', /must be string/],
    [{ name: '' }, 'name', /fewer/],
    [{ name: 'x', price: '5' }, 'price', /must be integer/],
    [{ name: 'x', price: 1.5 }, 'price', /must be integer/],
    [{ name: 'x', price: true }, 'price', /must be integer/],
    [{ name: 'x', kind: 'c' }, 'kind', /must/],
    [{ name: 'x', note: 5 }, 'note', /must be/],
    [{ name: 'x', parts: [{ size: 1 }, { size: '1' }] }, 'parts[1].size', /must be number/],
    [{ name: 'x', parts: [{}] }, 'parts[0].size', /is required/],
    [{ name: 'x', other: 1 }, 'other', /is not a known field/],
    [{ name: 'x', parts: [{ size: 1, weight: 2 }] }, 'parts[0].weight', /is not a known field/],
    [{ name: 'a\u0000b' }, 'name', /NUL/],
    [[], 'body', /must be object/],
    ['text', 'body', /must be object/],
    [null, 'body', /must be object/],
    [undefined, 'body', /must be object/],
  ])('%j names the wrong field', async (body, field, text) => {
    const response = await post(
      url,
      body === undefined ? undefined : JSON.stringify(body),
      body === undefined ? {} : json,
    );
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: expect.stringMatching(text), code: 'VALIDATION_ERROR', field });
  });

  test.each<[string, string, string]>([
    ['a NUL in the path', '/api/try/things/a%00', 'id'],
    ['too long an id', '/api/try/things/123456789', 'id'],
    ['a doubled query value', `${url}?mode=1&mode=2`, 'mode'],
    ['a NUL in the query', `${url}?mode=%00`, 'mode'],
  ])('%s is 400', async (_, address, field) => {
    const response = await post(address, { name: 'x' });
    expect([response.statusCode, response.json().field]).toEqual([400, field]);
  });

  test.each([
    ['broken JSON', '{"name":', 400],
    ['a lone surrogate', '{"name":"\\ud800"}', 400],
    ['a poisoned prototype', '{"name":"x","__proto__":{"admin":true}}', 400],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
    ['endless nesting', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
    ['two megabytes', JSON.stringify({ name: 'x'.repeat(2_000_000) }), 413],
  ])('%s is %3$i', async (_, payload, status) => {
    const response = await post(url, payload, json);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ error: expect.any(String), code: expect.any(String) });
  });

  test.each([
    ['text/plain', 'hello'],
    ['application/xml', '<a/>'],
    ['application/x-www-form-urlencoded', 'name=x'],
    ['nonsense', 'x'],
  ])('%s is 415', async (type, payload) => {
    const response = await post(url, payload, { 'content-type': type });
    expect([response.statusCode, response.json().code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test.each([[json], [{ ...json, 'content-length': '0' }], [{}], [{ 'content-type': 'text/plain' }]])(
    'an empty body is no body: %j',
    async (headers) => {
      expect((await post('/api/try/optional', '', headers)).json()).toEqual({ got: null });
    },
  );

  test('an optional body is still checked', async () => {
    expect((await post('/api/try/optional', { on: true })).json()).toEqual({ got: true });
    expect((await post('/api/try/optional', { on: 'yes' })).json().field).toBe('on');
    expect((await post('/api/try/optional', { of: true })).statusCode).toBe(400);
  });

  test('forms are read only where the route says so', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    expect((await post('/api/try/form', 'email=a%40b.c', form)).json()).toEqual({ email: 'a@b.c' });
    expect((await post('/api/try/form', 'mail=a', form)).statusCode).toBe(400);
  });

  test.each(['{"a": 1}', '{broken', '', '\u0000ÿ'])('signed bodies come as their bytes: %j', async (text) => {
    const bytes = Buffer.from(text);
    expect((await post('/api/try/signed', bytes, json)).json()).toEqual({ bytes: bytes.toString('hex') });
    expect((await post('/api/try/signed', bytes, { 'content-type': 'text/odd' })).json()).toEqual({
      bytes: bytes.toString('hex'),
    });
  });
});
