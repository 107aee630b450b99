import { createHash } from 'node:crypto';

/**
 * Digest authentication as Shelly Gen2+ speaks it over HTTP: RFC 7616, SHA-256 only, qop auth only, the user is always
 * `admin`, the realm is the device id. PURE: counter and client nonce are handed in.
 */
export type Challenge = { realm: string; nonce: string };

/** null: not a digest challenge that we may answer (MD5 or no qop would tell a listener more than it should). */
export function parseChallenge(header: string | undefined): Challenge | null {
  const given = /(?:^|,\s*)digest\s+(.*)$/is.exec(header ?? '')?.[1];
  if (given === undefined) return null;
  const fields: Record<string, string> = {};
  for (const [, name, quoted, plain] of given.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/g)) {
    if (name !== undefined) fields[name.toLowerCase()] ??= quoted ?? plain ?? '';
  }
  const { realm, nonce, algorithm, qop } = fields;
  if (realm === undefined || nonce === undefined || algorithm?.toUpperCase() !== 'SHA-256') return null;
  const offered = (qop ?? '').split(',').map((one) => one.trim());
  return offered.includes('auth') ? { realm, nonce } : null;
}

/** The Authorization header. `count` is 1 for the first request with this nonce, then one more for each. */
export function answerChallenge(
  challenge: Challenge,
  request: { method: string; uri: string; password: string; count: number; clientNonce: string },
): string {
  const { realm, nonce } = challenge;
  const { method, uri, clientNonce } = request;
  const nc = request.count.toString(16).padStart(8, '0');
  const who = sha256(`admin:${realm}:${request.password}`);
  const what = sha256(`${method}:${uri}`);
  const response = sha256(`${who}:${nonce}:${nc}:${clientNonce}:auth:${what}`);
  return (
    `Digest username="admin", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=SHA-256, ` +
    `qop=auth, nc=${nc}, cnonce="${clientNonce}", response="${response}"`
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
