/** What holds on every path of this API: the shape of errors, bodies, hosts. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createLog } from '../../../src/host/log.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { addProgram, askYale, helper, type Program, yaleToken } from '../../support/yale-place.ts';

let laundry: Laundry;
let partner: Program;
let token: string;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false, mail: true });
  partner = await addProgram(laundry);
  token = await yaleToken(laundry, partner);
});
afterAll(() => laundry.close());

test.each([
  ['GET', '/nothing/there', 404, 'ResourceNotFound'],
  ['GET', '', 404, 'ResourceNotFound'],
  ['PATCH', '/session', 405, 'MethodNotAllowed'],
])('%s %s is %i %s', async (method, path, status, code) => {
  const answer = await askYale(laundry, method, path);
  expect([answer.status, answer.body]).toEqual([status, { code, message: expect.any(String) }]);
});

test.each([
  ['broken JSON', '{"a":', 'application/json', 400, 'BadRequest'],
  ['a foreign type', 'hello', 'text/plain', 415, 'UnsupportedMediaType'],
  ['two megabytes', JSON.stringify({ a: 'x'.repeat(2_000_000) }), 'application/json', 413, 'RequestEntityTooLarge'],
])('%s: %4$i', async (_, raw, type, status, code) => {
  const answer = await askYale(laundry, 'POST', '/session', {
    key: partner.key,
    raw,
    headers: { 'content-type': type },
  });
  expect([answer.status, answer.body]).toEqual([status, { code, message: expect.any(String) }]);
});

test.each([
  ['GET', '/users/me', { 'content-length': '0' }],
  ['GET', '/users/me', { 'content-type': 'application/json; charset=UTF-8', 'content-length': '0' }],
  ['GET', '/users/me', { 'accept-version': '4.0.0', 'x-august-branding': 'yale', 'x-august-country': 'DE' }],
  ['POST', '/users/logout', { 'content-length': '0' }],
  ['POST', '/users/logout', { 'content-type': 'application/json', 'content-length': '0' }],
])('%s %s without a body and with %j is answered', async (method, path, headers) => {
  const own = await yaleToken(laundry, partner, helper, 'one that signs out');
  const status = await bare(laundry.url, method, `/yale${path}`, {
    'x-api-key': partner.key,
    'x-access-token': own,
    ...headers,
  });
  expect(status).toEqual([200, 'application/json; charset=utf-8']);
});

/** fetch sets headers of its own. */
function bare(url: string, method: string, path: string, headers: Record<string, string>): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve([response.statusCode, response.headers['content-type']]));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('hosts of YALE_HOSTS have it at the root too, and no other host has', async () => {
  const app = await createApp({
    config: {
      publicUrl: laundry.url,
      trustProxy: 0,
      cronSecret: null,
      stripeBaseUrl: laundry.stripe.url,
      yaleHosts: ['yale.example.com'],
    },
    connection: laundry.connection,
    masterKey: laundry.masterKey,
    clock: laundry.clock,
    log: createLog('silent'),
  });
  const at = async (host: string, url: string, method: 'GET' | 'POST' | 'PUT' = 'GET') => {
    const headers = { host, 'x-api-key': partner.key, 'x-access-token': token };
    const answer = await app.server.inject({ method, url, headers });
    return [answer.statusCode, String(answer.headers['content-type']).split(';')[0]];
  };
  const json = 'application/json';
  for (const host of ['yale.example.com', 'Yale.Example.com:8443']) {
    expect(await at(host, '/users/me')).toEqual([200, json]);
    expect(await at(host, '/yale/users/me')).toEqual([200, json]);
    expect(await at(host, '/users/nobody')).toEqual([404, json]);
    expect(await at(host, '/users/me', 'PUT')).toEqual([405, json]);
    expect(await at(host, '/api/health')).toEqual([200, json]);
    expect(await at(host, '/api/nothing')).toEqual([404, json]);
    expect(await at(host, '/pay/unknown')).toEqual([404, 'text/html']);
  }
  for (const host of ['keystead.example.com', 'yale.example.com.evil.test', 'yalexexample.com']) {
    expect(await at(host, '/users/me')).toEqual([404, 'text/html']);
    expect(await at(host, '/session', 'POST')).toEqual([404, 'text/html']);
    expect(await at(host, '/yale/users/me')).toEqual([200, json]);
  }
  await app.close();
});
