import { invalid } from '../../rules/errors.ts';

/** Written out in full. Parsers differ over backslashes, blanks and missing or further slashes: whose the address is must not. */
const plain = /^https?:\/\/[^/\\\s\p{C}][^\\\s\p{C}]*$/iu;

type Asked = { successUrl?: string | undefined; cancelUrl?: string | undefined };

/**
 * Where a guest may be sent after paying: our own pages, or origins that the settings name. Anything else would make our
 * address a way to lead people astray.
 */
export function returnAddresses({ successUrl, cancelUrl }: Asked, publicUrl: string, returnOrigins: readonly string[]) {
  const origins = [new URL(publicUrl).origin, ...returnOrigins];
  return {
    successUrl: returnAddress('successUrl', successUrl, origins),
    cancelUrl: returnAddress('cancelUrl', cancelUrl, origins),
  };
}

function returnAddress(field: string, value: string | undefined, allowedOrigins: readonly string[]): string | null {
  if (value === undefined || value === '') return null;
  const url = plain.test(value) && URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.username !== '' || url.password !== '')
    throw invalid(field, `${field} must be an http or https address`);
  if (value.length > 2000) throw invalid(field, `${field} must have at most 2000 characters`);
  if (!allowedOrigins.includes(url.origin)) {
    throw invalid(field, `${field} must lead to this server or to an origin named in the settings (returnOrigins)`);
  }
  return value;
}

/** The address with a further query parameter; what stands there already is left as it is written. */
export function withParameter(address: string, name: string, value: string): string {
  const [before = '', ...fragment] = address.split('#');
  const hash = fragment.length === 0 ? '' : `#${fragment.join('#')}`;
  return `${before}${before.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}${hash}`;
}
