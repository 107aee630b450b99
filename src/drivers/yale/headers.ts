/** One cloud, run twice: August's in the United States, and Yale's for the rest of the world, whose headers do without "august". */
export type Family = 'august' | 'yale';

const prefixes: Readonly<Record<Family, string>> = { august: 'x-august-', yale: 'x-' };

export function headersOf(
  family: Family,
  { apiKey, token, version }: { apiKey: string; token: string | null; version: string },
): Record<string, string> {
  const prefix = prefixes[family];
  return {
    [`${prefix}api-key`]: apiKey,
    ...(token === null ? {} : { [`${prefix}access-token`]: token }),
    [`${prefix}branding`]: family,
    'accept-version': version,
    'content-type': 'application/json',
    'user-agent': 'Keystead',
  };
}

/** Where a token is told in an answer: in both spellings, whatever the question's was. */
export function tokenIn(headers: Readonly<Record<string, string | string[] | undefined>>): string | null {
  const token = headers['x-august-access-token'] ?? headers['x-access-token'];
  return typeof token === 'string' && token !== '' ? token : null;
}
