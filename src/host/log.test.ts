import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { withoutSecrets } from './log-redaction.ts';

function logged(facts: object): string {
  let text = '';
  createLog('info', {
    write: (line) => {
      text += line;
    },
  }).info(facts, 'said');
  return text;
}

test.each([
  { headers: { authorization: 'Bearer sesame' } },
  { req: { method: 'GET', url: '/access/sesame1234', ip: '::1' } },
  { request: { headers: { cookie: 'keystead_session=sesame' } } },
  { request: { headers: { 'set-cookie': 'keystead_session=sesame' } } },
  { body: { password: 'sesame' } },
  { password: 'sesame' },
  { config: { connection: { authKey: 'sesame' } } },
  { token: 'sesame' },
  { err: new Error('GET https://vendor/x?auth_key=sesame failed') },
])('a secret never reaches the log: %j', (facts) => {
  const text = logged(facts);
  expect(text).toContain('said');
  expect(text).not.toContain('sesame');
  expect(text).toContain('[hidden]');
});

test.each([
  ['/session/AbCdEfGh12345678', '/session/[hidden]'],
  ['/api/inbound/shelly/AbCdEfGh12345678', '/api/inbound/shelly/[hidden]'],
  ['/api/public/sessions/AbCdEfGh12345678?x=1', '/api/public/sessions/[hidden]?x=1'],
  ['/api/sessions/AbCdEfGh12345678/end', '/api/sessions/[hidden]/end'],
  ['/guest/AbCdEfGh12345678', '/guest/[hidden]'],
  ['/api/cron/session-cleanup?token=abc&x=1', '/api/cron/session-cleanup?token=[hidden]&x=1'],
  ['/api/devices/dev_01?limit=5', '/api/devices/dev_01?limit=5'],
])('%s is logged as %s', (url, shown) => {
  expect(withoutSecrets(url)).toBe(shown);
});
