import type { LogLevel } from './host/log.ts';
import { mailAddress, oneLine } from './rules/mail/address.ts';

/**
 * What is decided outside: the environment, parsed once into a frozen Config. Every setting stands here with its meaning
 * and its default; nothing else reads the environment for settings. A wrong value stops the start with one sentence.
 */
export type Config = Readonly<{
  /** PORT: where to listen; 0 takes any free port. Default 8080. */
  port: number;
  /** HOST: the address to listen on. Default 127.0.0.1. */
  host: string;
  /** DATA_DIR: what the server keeps on disk: the embedded database, the master key. Default ./data. */
  dataDir: string;
  /** DATABASE_URL: a PostgreSQL server to use in place of the embedded one. */
  databaseUrl: string | null;
  /** PUBLIC_URL: how browsers reach this server, without a path. Default http://HOST:PORT; localhost for every address. */
  publicUrl: string;
  /** MASTER_KEY: base64 of 32 bytes under which secrets are sealed. Made on first start with the embedded database. */
  masterKey: Buffer | null;
  /** ADMIN_USERNAME: of the first administrator. Default admin. */
  adminUsername: string;
  /** ADMIN_PASSWORD: of the first administrator. Default: made and printed once. */
  adminPassword: string | null;
  /** CRON_SECRET: opens /api/cron to an outside cron; without it they refuse everybody. */
  cronSecret: string | null;
  /** TRUST_PROXY: how many reverse proxies stand in front and write X-Forwarded-For. Default 0. */
  trustProxy: number;
  /** LOG_LEVEL: fatal, error, warn, info, debug, trace or silent. Default info. */
  logLevel: LogLevel;
  /** POSTGRES_BIN: a folder with PostgreSQL's programs, in place of those from npm. */
  postgresBin: string | null;
  /** POSTGRES_ACCOUNT: the user that the embedded PostgreSQL runs as when Keystead runs as root. Default nobody. */
  postgresAccount: string;
  /** STRIPE_BASE_URL: where Stripe answers; a simulator's address in demos. Default https://api.stripe.com. */
  stripeBaseUrl: string;
  /** ALLOW_PRIVATE_FOREIGN: true lets webhooks and feeds point into private networks. Default false. */
  allowPrivateForeign: boolean;
  /** YALE_HOSTS: host names, with commas, under which the Yale/August API stands at the root too. Default none. */
  yaleHosts: readonly string[];
  /** SMTP_URL and MAIL_FROM: who carries mails, and in whose name. Without them no mail is sent. */
  mail: MailConfig | null;
}>;

export type MailConfig = Readonly<{
  host: string;
  port: number;
  /** Encrypted from the first byte (smtps). */
  secure: boolean;
  /** required: nothing is said unencrypted. optional: encrypted where it is offered. */
  tls: 'required' | 'optional';
  user: string | null;
  password: string | null;
  from: Readonly<{ name: string | null; address: string }>;
}>;

/** The start cannot go on; the message is one sentence that names the variable. */
export class ConfigError extends Error {
  constructor(variable: string, complaint: string) {
    super(`${variable} ${complaint}.`);
    this.name = 'ConfigError';
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty value counts as not set. Throws ConfigError. */
export function parseConfig(environment: Environment): Config {
  const text = (name: string): string | null => {
    const value = environment[name];
    return value === undefined || value === '' ? null : value;
  };
  const port = integer('PORT', text('PORT'), 8080, 65_535);
  const host = text('HOST') ?? '127.0.0.1';
  if (/[\s/]/.test(host)) throw new ConfigError('HOST', 'must be an address or a host name');
  const databaseUrl = postgresUrl(text('DATABASE_URL'));
  const masterKey = key(text('MASTER_KEY'));
  if (databaseUrl !== null && masterKey === null) {
    throw new ConfigError('MASTER_KEY', 'must be set when DATABASE_URL is set, and be the same for every process');
  }
  return Object.freeze({
    port,
    host,
    dataDir: text('DATA_DIR') ?? './data',
    databaseUrl,
    publicUrl: publicUrl(text('PUBLIC_URL'), host, port),
    masterKey,
    adminUsername: text('ADMIN_USERNAME')?.trim() || 'admin',
    adminPassword: password(text('ADMIN_PASSWORD')),
    cronSecret: text('CRON_SECRET'),
    trustProxy: integer('TRUST_PROXY', text('TRUST_PROXY'), 0, 32),
    logLevel: level(text('LOG_LEVEL')),
    postgresBin: text('POSTGRES_BIN'),
    postgresAccount: text('POSTGRES_ACCOUNT') ?? 'nobody',
    stripeBaseUrl: origin('STRIPE_BASE_URL', text('STRIPE_BASE_URL') ?? 'https://api.stripe.com'),
    allowPrivateForeign: flag('ALLOW_PRIVATE_FOREIGN', text('ALLOW_PRIVATE_FOREIGN')),
    yaleHosts: Object.freeze(hostNames('YALE_HOSTS', text('YALE_HOSTS'))),
    mail: mailConfig(text('SMTP_URL'), text('MAIL_FROM')),
  });
}

/** `smtp://user:password@host:587`, `smtps://…`; `?tls=optional` where the way to the server needs no encryption. */
export function mailConfig(smtpUrl: string | null, mailFrom: string | null): MailConfig | null {
  if (smtpUrl === null && mailFrom === null) return null;
  if (smtpUrl === null) throw new ConfigError('SMTP_URL', 'must be set when MAIL_FROM is set');
  if (mailFrom === null) throw new ConfigError('MAIL_FROM', 'must be set when SMTP_URL is set');
  const url = URL.canParse(smtpUrl) ? new URL(smtpUrl) : null;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === null || !/^smtps?:$/.test(url.protocol) || host === '') {
    throw new ConfigError('SMTP_URL', 'must look like smtp://user:password@mail.example.com:587 or smtps://…');
  }
  const { tls, ...others } = Object.fromEntries(url.searchParams);
  const known = tls === undefined || tls === 'required' || tls === 'optional';
  if (!known || Object.keys(others).length > 0 || !['', '/'].includes(url.pathname) || url.hash !== '') {
    throw new ConfigError('SMTP_URL', 'may end in ?tls=required or ?tls=optional and in nothing else');
  }
  const secure = url.protocol === 'smtps:';
  const here = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  return Object.freeze({
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    tls: tls ?? (here ? 'optional' : 'required'),
    user: url.username === '' ? null : decoded(url.username),
    password: url.password === '' ? null : decoded(url.password),
    from: Object.freeze(sender(mailFrom)),
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError('SMTP_URL', 'must have % and other special characters of its password percent-encoded');
  }
}

/** `laundry@example.com` or `Bright Laundry <laundry@example.com>`. */
function sender(value: string): { name: string | null; address: string } {
  const [, name = '', inside] = /^([^<>]*)<([^<>]*)>\s*$/.exec(value) ?? [];
  const address = mailAddress(inside ?? value);
  if (address === null) {
    throw new ConfigError('MAIL_FROM', 'must be an e-mail address, or a name with one: Laundry <laundry@example.com>');
  }
  return { name: oneLine(name).replace(/^"(.*)"$/, '$1') || null, address };
}

function publicUrl(given: string | null, host: string, port: number): string {
  if (given !== null) return origin('PUBLIC_URL', given);
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  if (!URL.canParse(`http://${name}:${port}`)) throw new ConfigError('HOST', 'must be an address or a host name');
  return origin('PUBLIC_URL', `http://${name}:${port}`);
}

function integer(name: string, value: string | null, standard: number, most: number): number {
  if (value === null) return standard;
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= most)) throw new ConfigError(name, `must be a whole number from 0 to ${most}`);
  return number;
}

function origin(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new ConfigError(name, 'must be an http or https address');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/') {
    throw new ConfigError(
      name,
      'must be an address without a path, a query or a password, such as https://doors.example.com',
    );
  }
  return url.origin;
}

/** Names without a port: whichever port they are asked at. */
function hostNames(name: string, value: string | null): string[] {
  const names = (value ?? '').split(',').map((one) => one.trim().toLowerCase());
  return names.flatMap((one) => {
    if (one === '') return [];
    if (!/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(one)) {
      throw new ConfigError(name, 'must be host names with commas between them, such as yale.example.com');
    }
    return [one];
  });
}

function postgresUrl(value: string | null): string | null {
  if (value === null || /^postgres(ql)?:\/\/./.test(value)) return value;
  throw new ConfigError('DATABASE_URL', 'must begin with postgres:// or postgresql://');
}

function key(value: string | null): Buffer | null {
  if (value === null) return null;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== value) {
    throw new ConfigError('MASTER_KEY', 'must be base64 of exactly 32 bytes, as `openssl rand -base64 32` prints it');
  }
  return bytes;
}

function password(value: string | null): string | null {
  if (value === null || (value.length >= 8 && value.length <= 1024)) return value;
  throw new ConfigError('ADMIN_PASSWORD', 'must have 8 to 1024 characters');
}

function level(value: string | null): LogLevel {
  switch (value) {
    case null:
      return 'info';
    case 'fatal':
    case 'error':
    case 'warn':
    case 'info':
    case 'debug':
    case 'trace':
    case 'silent':
      return value;
    default:
      throw new ConfigError('LOG_LEVEL', 'must be fatal, error, warn, info, debug, trace or silent');
  }
}

function flag(name: string, value: string | null): boolean {
  if (value === null || value === 'false' || value === '0') return false;
  if (value === 'true' || value === '1') return true;
  throw new ConfigError(name, 'must be true or false');
}
