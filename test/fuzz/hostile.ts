import fc from 'fast-check';

/** What callers send who mean harm, or who are broken. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\t\r\n',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\u202e\u200b\ufeff',
  'e\u0301'.repeat(50),
  '😀'.repeat(100),
  'x'.repeat(300),
  'x'.repeat(100_000),
  '0',
  '-1',
  '1e400',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  "' or 1=1 --",
  '"; drop table devices; --',
  '<script>alert(1)</script>',
  '{{7*7}}%s%n',
  '../../../etc/passwd',
  '__proto__',
  'constructor',
  'javascript:alert(1)',
  '//evil.example',
  'http://127.0.0.1:22/',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-01-01T00:00:00+23:59',
  '2026-01-01T99:99:99Z',
];

const numbers = [0, -0, -1, 0.5, 1e-7, 64, 241, 1441, 2 ** 31, 2 ** 53, -(2 ** 63), 1e20, 1e308, 100_000_000];
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const nestedObject = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

const hostileText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...numbers, true, false, null) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>([], {}, [null], [[]], { length: 1 }, { toString: 1 }, { $ne: null }),
  },
  { weight: 1, arbitrary: fc.constantFrom(nested(40), nestedObject(40), nested(2000)) },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 300 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);

/** A good body with some of it replaced, taken away, or added. */
export const spoiled = (good: Record<string, unknown>, fields: readonly string[]): fc.Arbitrary<unknown> => {
  const names = fields.length === 0 ? ['name'] : [...fields];
  const change = fc.oneof(
    { weight: 6, arbitrary: fc.record({ field: fc.constantFrom(...names), value: hostileValue }) },
    { weight: 1, arbitrary: fc.record({ field: fc.constantFrom(...names), value: fc.constant(undefined) }) },
    {
      weight: 1,
      arbitrary: fc.record({ field: fc.constantFrom('extra', 'id', 'organization_id', ''), value: hostileValue }),
    },
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => ({
    ...good,
    ...Object.fromEntries(changes.map(({ field, value }) => [field, value])),
  }));
};

/** Bodies that are no JSON, or too much of it. */
const rawBodies: readonly (string | Buffer)[] = [
  '',
  ' ',
  '{',
  '{"a":}',
  '{"a":1,}',
  "{'a':1}",
  'null',
  'true',
  '"text"',
  '0',
  '[]',
  '[{}]',
  'NaN',
  '\ufeff{}',
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"name":"a","name":"b"}',
  '{"name":"\\ud800"}',
  '{"name":"\\u0000"}',
  '{"price":1e999}',
  `${'['.repeat(100_000)}`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `{"name":"${'x'.repeat(900_000)}"}`,
  Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  Buffer.from([0xc0, 0x80]),
  Buffer.alloc(64),
  'a=1&b=2&__proto__=x',
];

export type HostileBody = { body: string | Buffer | undefined; contentType: string | undefined };

const contentTypes = [
  'application/json; charset=utf-8',
  'application/json;charset=utf-16',
  'application/vnd.api+json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/json, text/html',
  'not a type',
  '',
];

export const hostileBody = (good: Record<string, unknown>, fields: readonly string[]): fc.Arbitrary<HostileBody> =>
  fc.oneof(
    {
      weight: 10,
      arbitrary: spoiled(good, fields).map((value) => ({
        body: JSON.stringify(value),
        contentType: 'application/json',
      })),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...rawBodies).map((body) => ({ body, contentType: 'application/json' })),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        body: fc.constantFrom(...rawBodies, JSON.stringify(good)),
        contentType: fc.constantFrom(...contentTypes, undefined),
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .jsonValue({ maxDepth: 5 })
        .map((value) => ({ body: JSON.stringify(value), contentType: 'application/json' })),
    },
    { weight: 1, arbitrary: fc.constant({ body: undefined, contentType: undefined }) },
  );

/** Parts of a path, as they stand on the wire. */
export const hostilePaths: readonly string[] = [
  '%00',
  'a%00b',
  '%ff',
  '%c0%af',
  '%zz',
  '%',
  '%u0000',
  '%2e%2e%2f%2e%2e%2f',
  '..%2f',
  '%2f',
  '..',
  '.',
  '%5c',
  '%20',
  '%0d%0aX-Evil:%201',
  '%ed%a0%80',
  '%f0%9f%98%80',
  "'%20or%201=1",
  '__proto__',
  'constructor',
  'null',
  '0',
  '-1',
  'x'.repeat(511),
  'x'.repeat(513),
  'x'.repeat(5000),
  '%78'.repeat(600),
  ':id',
  '*',
  ';',
  '~',
];

/** A text as it may stand in a query: percent-encoded, half characters as their bytes. */
export const encoded = (text: string): string =>
  [...Buffer.from(text.slice(0, 2000), 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
