import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

/**
 * Digest authentication inside JSON-RPC frames, where there is no HTTP method and no path: Shelly Gen2+ over MQTT and
 * WebSocket. https://shelly-api-docs.shelly.cloud/gen2/General/Authentication PURE: the client nonce is handed in.
 */
const FrameChallenge = Type.Object({
  auth_type: Type.Literal('digest'),
  nonce: Type.Union([Type.Integer(), Type.String({ minLength: 1, maxLength: 128 })]),
  nc: Type.Optional(Type.Integer({ minimum: 0 })),
  realm: Type.String({ minLength: 1, maxLength: 128 }),
  algorithm: Type.Literal('SHA-256'),
});
export type FrameChallenge = Static<typeof FrameChallenge>;

/** The message of an error 401; null where it is not a challenge that we may answer. */
export function parseFrameChallenge(message: string): FrameChallenge | null {
  try {
    const value: unknown = JSON.parse(message);
    return Check(FrameChallenge, value) ? value : null;
  } catch {
    return null;
  }
}

/** The `auth` of a frame. Unlike over HTTP, one challenge serves many frames, each with a client nonce of its own. */
export function frameAuth(challenge: FrameChallenge, o: { password: string; clientNonce: number }) {
  const { nonce, realm, nc = 1 } = challenge;
  const who = sha256(`admin:${realm}:${o.password}`);
  const what = sha256('dummy_method:dummy_uri');
  const response = sha256(`${who}:${nonce}:${nc}:${o.clientNonce}:auth:${what}`);
  return { realm, username: 'admin', nonce, cnonce: o.clientNonce, response, algorithm: 'SHA-256' } as const;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
