import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';
import { withoutSecrets } from './log-redaction.ts';

export type { Logger };

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Keys whose values never reach a log, wherever within three levels they stand. */
const secretKeys = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-csrf-token"]',
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'password_hash',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'secretKey',
  'webhookSecret',
  'authKey',
  'apiKey',
  'clientSecret',
  'masterKey',
  'pin',
];

/**
 * The process's log: JSON lines, facts first, then one sentence. It never holds a secret: known keys are blanked, and
 * addresses of links lose their tokens (log-redaction.ts).
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    base: null,
    redact: {
      paths: secretKeys.flatMap((key) => ['', '*', '*.*'].map((depth) => join(depth, key))),
      censor: '[hidden]',
    },
    serializers: {
      err: (error: Error) => scrub(stdSerializers.err(error)),
      req: describeRequest,
      res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function join(depth: string, key: string): string {
  if (depth === '') return key;
  return key.startsWith('[') ? depth + key : `${depth}.${key}`;
}

function describeRequest(request: { method: string; url: string; ip?: string }): object {
  return { method: request.method, url: withoutSecrets(request.url), ip: request.ip };
}

/** Errors of the HTTP and database libraries quote addresses and requests. */
function scrub(error: object): object {
  return Object.fromEntries(
    Object.entries(error).map(([key, value]) => [key, typeof value === 'string' ? withoutSecrets(value) : value]),
  );
}
