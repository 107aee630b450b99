/** Access tokens as this cloud gives them out: JWTs, signed with a secret of its own. */
import { createHmac } from 'node:crypto';

/** `exp` in seconds, as clients read it. */
export type Claims = { jti: string; exp: number; iat: number; userId: string; installId: string };

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signatureOf = (text: string, secret: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url');

export function signJwt(claims: Claims, secret: string): string {
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${signatureOf(text, secret)}`;
}

/** null: not one of ours. */
export function readJwt(token: string, secret: string): Claims | null {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || signature !== signatureOf(`${head}.${body}`, secret)) return null;
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Claims; // signed by us alone
}
