/** Digest authentication as Shelly Gen2+ does it: RFC 7616, SHA-256 only, user `admin`, realm = device id, qop auth. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export type Guard = {
  challenge(): string;
  admits(header: string | undefined, method: string, uri: string, password: string): boolean;
};

const REMEMBERED_NONCES = 500;

/** Nonces live in memory, as in a device: after a restart every client is challenged anew. */
export function createGuard(realm: string): Guard {
  const nonces = new Map<string, Set<string>>();

  return {
    challenge() {
      const nonce = randomBytes(12).toString('hex');
      nonces.set(nonce, new Set());
      const oldest = nonces.keys().next();
      if (nonces.size > REMEMBERED_NONCES && oldest.done !== true) nonces.delete(oldest.value);
      return `Digest qop="auth", realm="${realm}", nonce="${nonce}", algorithm=SHA-256`;
    },
    admits(header, method, uri, password) {
      const given = parseHeader(header);
      const counts = nonces.get(given.nonce ?? '');
      const nc = given.nc ?? '';
      const right =
        counts !== undefined &&
        !counts.has(nc) && // the same answer twice is a replay
        /^[0-9a-f]{8}$/i.test(nc) &&
        given.username === 'admin' &&
        given.realm === realm &&
        given.uri === uri &&
        given.qop === 'auth' &&
        (given.algorithm ?? '').toUpperCase() === 'SHA-256' &&
        same(given.response ?? '', expected(given, method, realm, password));
      if (right) counts.add(nc);
      return right;
    },
  };
}

function expected(given: Record<string, string>, method: string, realm: string, password: string): string {
  const who = sha256(`admin:${realm}:${password}`);
  const what = sha256(`${method}:${given.uri ?? ''}`);
  return sha256(`${who}:${given.nonce ?? ''}:${given.nc ?? ''}:${given.cnonce ?? ''}:auth:${what}`);
}

function parseHeader(header: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  if (header === undefined || !/^digest /i.test(header)) return found;
  for (const [, name, quoted, plain] of header.slice(7).matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g)) {
    if (name !== undefined) found[name.toLowerCase()] = quoted ?? plain ?? '';
  }
  return found;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function same(left: string, right: string): boolean {
  const a = Buffer.from(left.toLowerCase());
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
