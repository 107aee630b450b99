import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from './config.ts';

const key = Buffer.alloc(32, 7).toString('base64');

describe('the configuration', () => {
  test('has defaults for everything, frozen', () => {
    const config = parseConfig({});
    expect(config).toEqual({
      port: 8080,
      host: '127.0.0.1',
      dataDir: './data',
      databaseUrl: null,
      publicUrl: 'http://127.0.0.1:8080',
      masterKey: null,
      adminUsername: 'admin',
      adminPassword: null,
      cronSecret: null,
      trustProxy: 0,
      logLevel: 'info',
      postgresBin: null,
      postgresAccount: 'nobody',
      stripeBaseUrl: 'https://api.stripe.com',
      allowPrivateForeign: false,
      yaleHosts: [],
      mail: null,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('takes an empty value as not set', () => {
    const empty = Object.fromEntries(
      ['PORT', 'HOST', 'DATABASE_URL', 'MASTER_KEY', 'LOG_LEVEL', 'PUBLIC_URL', 'CRON_SECRET'].map((name) => [
        name,
        '',
      ]),
    );
    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });

  test.each([
    ['PORT', '0', { port: 0 }],
    ['PUBLIC_URL', 'https://Doors.example.com/', { publicUrl: 'https://doors.example.com' }],
    ['PUBLIC_URL', 'https://doors.example.com:443', { publicUrl: 'https://doors.example.com' }],
    ['HOST', '::1', { host: '::1', publicUrl: 'http://[::1]:8080' }],
    ['MASTER_KEY', key, { masterKey: Buffer.alloc(32, 7) }],
    ['TRUST_PROXY', '2', { trustProxy: 2 }],
    ['ALLOW_PRIVATE_FOREIGN', 'true', { allowPrivateForeign: true }],
    ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
  ])('reads %s=%s', (name, value, expected) => {
    expect(parseConfig({ [name]: value })).toMatchObject(expected);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '80x'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['HOST', 'a b'],
    ['PUBLIC_URL', 'doors.example.com'],
    ['PUBLIC_URL', 'https://doors.example.com/app'],
    ['PUBLIC_URL', 'https://me:secret@doors.example.com'],
    ['PUBLIC_URL', 'ftp://doors.example.com'],
    ['MASTER_KEY', 'short'],
    ['MASTER_KEY', `${key}\n`],
    ['MASTER_KEY', key.replace('=', '')],
    ['MASTER_KEY', Buffer.alloc(33).toString('base64')],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['ADMIN_PASSWORD', 'short'],
    ['TRUST_PROXY', 'true'],
    ['LOG_LEVEL', 'loud'],
    ['STRIPE_BASE_URL', 'nowhere'],
    ['ALLOW_PRIVATE_FOREIGN', 'perhaps'],
  ])('refuses %s=%j with one sentence that names it', (name, value) => {
    const refuse = () => parseConfig({ MASTER_KEY: key, [name]: value });
    expect(refuse).toThrow(ConfigError);
    expect(refuse).toThrow(new RegExp(`^${name} [^.]*(\\.[^ ][^.]*)*\\.$`));
  });

  test('never shows the value of a wrong key or password', () => {
    expect(() => parseConfig({ ADMIN_PASSWORD: 'hunter2' })).not.toThrow(/hunter2/);
    expect(() => parseConfig({ MASTER_KEY: 'hunter2' })).not.toThrow(/hunter2/);
  });

  test('asks for a master key when the database is elsewhere', () => {
    const elsewhere = { DATABASE_URL: 'postgres://db/keystead' };
    expect(() => parseConfig(elsewhere)).toThrow(/^MASTER_KEY must be set when DATABASE_URL is set/);
    expect(parseConfig({ ...elsewhere, MASTER_KEY: key }).databaseUrl).toBe('postgres://db/keystead');
  });
});

describe('the hosts of the Yale/August API', () => {
  test('are names with commas between them, whatever their case', () => {
    const { yaleHosts } = parseConfig({ YALE_HOSTS: ' Yale.example.com, api.august.test,,localhost ' });
    expect(yaleHosts).toEqual(['yale.example.com', 'api.august.test', 'localhost']);
  });

  test.each(['https://yale.example.com', 'yale.example.com:8080', '*.example.com', 'a..b', '-a.example.com', 'a b'])(
    '%j is no name of a host',
    (value) => {
      expect(() => parseConfig({ YALE_HOSTS: value })).toThrow('YALE_HOSTS must be host names');
    },
  );
});

describe('the mail server', () => {
  const from = 'Bright Laundry <laundry@example.com>';
  const mail = (SMTP_URL: string, MAIL_FROM = from) => parseConfig({ SMTP_URL, MAIL_FROM }).mail;

  test('is read from an address, and encrypted unless it is this machine', () => {
    expect(mail('smtp://laundry%40x:p%40ss@mail.example.com')).toEqual({
      host: 'mail.example.com',
      port: 587,
      secure: false,
      tls: 'required',
      user: 'laundry@x',
      password: 'p@ss',
      from: { name: 'Bright Laundry', address: 'laundry@example.com' },
    });
    expect(mail('smtps://mail.example.com', 'laundry@example.com')).toMatchObject({
      port: 465,
      secure: true,
      user: null,
      from: { name: null, address: 'laundry@example.com' },
    });
    expect(mail('smtp://127.0.0.1:2525')).toMatchObject({ port: 2525, tls: 'optional' });
    expect(mail('smtp://[::1]:2525')).toMatchObject({ host: '::1', tls: 'optional' });
    expect(mail('smtp://192.168.1.2?tls=optional')).toMatchObject({ tls: 'optional' });
    expect(mail('smtp://localhost?tls=required')).toMatchObject({ tls: 'required' });
  });

  test.each([
    ['SMTP_URL', { MAIL_FROM: from }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com' }],
    ['SMTP_URL', { SMTP_URL: 'mail.example.com', MAIL_FROM: from }],
    ['SMTP_URL', { SMTP_URL: 'https://mail.example.com', MAIL_FROM: from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://mail.example.com/path', MAIL_FROM: from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://mail.example.com?tls=never', MAIL_FROM: from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://mail.example.com?pool=true', MAIL_FROM: from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://me:100%@mail.example.com', MAIL_FROM: from }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'Laundry' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@x.de, b@x.de' }],
  ])('without sense stops the start by a sentence about %s: %j', (variable, environment) => {
    expect(() => parseConfig(environment)).toThrow(ConfigError);
    expect(() => parseConfig(environment)).toThrow(new RegExp(`^${variable} `));
  });
});
