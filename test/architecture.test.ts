import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commitNames } from './support/commit-names.ts';

/** The rule of arrows (ARCHITECTURE.md), read from the imports as they stand. Tests may import what they test. */
const root = fileURLToPath(new URL('..', import.meta.url));
type Import = { from: string; to: string; typesOnly: boolean };

const filesOf = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')));
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.includes('/testing/');

/** Static and lazy imports, and re-exports. Packages keep their names; files are told from the root of the project. */
function importsOf(from: string): Import[] {
  const text = textOf(from);
  const told = (target: string, typesOnly: boolean): Import => ({
    from,
    to: target.startsWith('.') ? path.posix.join(path.posix.dirname(from), target) : target,
    typesOnly,
  });
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'([^']+)'/gm);
  const bare = text.matchAll(/(?:^import\s+|\bimport\(\s*)'([^']+)'/gm);
  return [
    ...[...statements].map(([, type, names = '', target = '']) => told(target, type !== undefined || onlyTypes(names))),
    ...[...bare].map(([, target = '']) => told(target, false)),
  ];
}

function onlyTypes(names: string): boolean {
  const listed = /^\{(.*)\}$/s.exec(names.trim())?.[1];
  if (listed === undefined) return false;
  const all = listed.split(',').map((name) => name.trim());
  return all.every((name) => name === '' || name.startsWith('type '));
}

const own = filesOf('src').filter((file) => !isTest(file));
const all = own.flatMap(importsOf);
const inside = (file: string): boolean => file.startsWith('src/');
/** `src/features/checkout/intake.service.ts` → `features`; a file of src itself is a room of its own. */
const roomOf = (file: string): string => file.split('/')[1] ?? '';
/** The feature, vendor or API within its room. */
const folderOf = (file: string): string => file.split('/').slice(1, -1).slice(0, 2).join('/');

/** What every room may import: rules are pure, texts are a catalogue. */
const everybody = (to: string): boolean => ['rules', 'texts'].includes(roomOf(to));
const room =
  (...names: string[]) =>
  (one: Import) =>
    names.includes(roomOf(one.to));
const typesOf =
  (...names: string[]) =>
  (one: Import) =>
    one.typesOnly && names.includes(roomOf(one.to));
const file =
  (...names: string[]) =>
  (one: Import) =>
    names.includes(one.to);
const typesIn =
  (...names: string[]) =>
  (one: Import) =>
    one.typesOnly && names.includes(one.to);
const sameFolder = (one: Import): boolean => folderOf(one.from) === folderOf(one.to);
const noStore = (one: Import): boolean => roomOf(one.to) === 'features' && !one.to.endsWith('.store.ts');

/** Files of a feature that are neither use cases nor SQL: shapes, and pure functions over them. */
const isShape = (target: string): boolean => !/\.(service|store)\.ts$/.test(target);

/** The parts of composition/ that may know http, apis and pages; the others make services. */
const isWeb = (name: string): boolean =>
  name === 'src/composition/web.ts' || name.startsWith('src/composition/routes/');

const allowed: Record<string, ((one: Import) => boolean)[]> = {
  rules: [],
  texts: [],
  host: [room('host')],
  database: [room('database', 'host')],
  drivers: [
    room('host'),
    sameFolder,
    file('src/drivers/port.ts', 'src/drivers/lock-port.ts', 'src/drivers/no-relays.ts'),
    ({ from }) => from === 'src/drivers/registry.ts',
  ],
  providers: [room('host'), sameFolder, file('src/providers/payment-port.ts', 'src/providers/mail-port.ts')],
  features: [
    room('database', 'host'),
    sameFolder,
    (one) => roomOf(one.to) === 'features' && (one.to.endsWith('.service.ts') || isShape(one.to)),
    typesIn('src/engine/port.ts', 'src/drivers/port.ts', 'src/drivers/lock-port.ts'),
    file('src/providers/payment-port.ts', 'src/providers/mail-port.ts'),
  ],
  engine: [
    room('engine', 'database', 'host'),
    noStore,
    file('src/drivers/port.ts', 'src/drivers/lock-port.ts', 'src/providers/payment-port.ts'),
    typesIn('src/drivers/registry.ts'),
  ],
  http: [room('http', 'host'), typesIn('src/config.ts')],
  apis: [
    room('http'),
    noStore,
    sameFolder,
    typesOf('host'),
    // vendors calling us: read by their port
    (one) => folderOf(one.from) === 'apis/inbound' && one.to === 'src/providers/payment-port.ts',
    (one) => folderOf(one.from) === 'apis/inbound' && one.typesOnly && /^src\/drivers\/(lock-)?port\.ts$/.test(one.to),
    // live/ announces what the database announces, in the views of the published contracts
    (one) =>
      folderOf(one.from) === 'apis/live' &&
      ((one.typesOnly && roomOf(one.to) === 'database') || roomOf(one.to) === 'apis'),
  ],
  pages: [room('http', 'pages'), noStore, typesOf('host')],
  // the process, from the outermost to the innermost
  'main.ts': [file('src/boot.ts', 'src/config.ts'), room('host')],
  'boot.ts': [file('src/app.ts', 'src/config.ts'), room('host', 'database', 'features')],
  'keystead.ts': [file('src/app.ts', 'src/config.ts'), room('host', 'database'), typesOf('features')],
  'app.ts': [room('composition'), file('src/engine/workers.ts'), typesIn('src/config.ts'), typesOf('host')],
  // a group makes its services; it knows other groups by type alone: they meet in app.ts
  composition: [
    room('host', 'database'),
    typesOf('composition'),
    typesIn('src/config.ts'),
    ({ from, to }) => isWeb(from) && ['http', 'apis', 'pages'].includes(roomOf(to)),
    ({ from, to }) => isWeb(from) && to === 'src/providers/stripe/webhook.ts',
    (one) => !isWeb(one.from) && (noStore(one) || ['engine', 'providers'].includes(roomOf(one.to))),
    ({ from, to }) => !isWeb(from) && to === 'src/drivers/registry.ts',
    // what the database announces, and the words of letters: the two that services are given from outside
    ({ from, to }) => from === 'src/composition/ground.ts' && to === 'src/apis/live/hub.ts',
    ({ from, to }) => from === 'src/composition/mail.ts' && to === 'src/pages/mails/write-letter.ts',
  ],
  'config.ts': [typesOf('host')],
};

const told = ({ from, to, typesOnly }: Import): string => `${from} -> ${typesOnly ? 'type ' : ''}${to}`;

/** Who comes back to itself by these imports. */
function inCircles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of next.get(from) ?? []) if (!seen.has(to)) reached(to, seen.add(to));
    return seen;
  };
  return [...next.keys()].filter((name) => reached(name).has(name));
}

describe('the arrows', () => {
  test('every room has its rule', () => {
    expect([...new Set(own.map(roomOf))].filter((name) => allowed[name] === undefined)).toEqual([]);
  });

  test.each(Object.keys(allowed))('of %s', (name) => {
    const wrong = all.filter(({ from, to }) => roomOf(from) === name && inside(to) && !everybody(to));
    expect(wrong.filter((one) => !allowed[name]?.some((permits) => permits(one))).map(told)).toEqual([]);
  });

  test('only the registry imports a vendor, and lazily', () => {
    const vendors = all.filter(({ from, to }) => /^src\/drivers\/[^/]+\//.test(to) && folderOf(from) !== folderOf(to));
    expect(vendors.filter(({ from }) => from !== 'src/drivers/registry.ts').map(told)).toEqual([]);
    expect(textOf('src/drivers/registry.ts')).not.toMatch(/^import[^;]*from '\.\/[^']*\//m);
  });

  test('features call each other in one direction: no circle of services', () => {
    const calls = all.filter(({ from, to }) => from.endsWith('.service.ts') && to.endsWith('.service.ts'));
    expect(inCircles(calls)).toEqual([]);
  });

  test('groups of services are given to each other in one direction, and routes to none', () => {
    const given = all.filter(({ from, to }) => roomOf(from) === 'composition' && roomOf(to) === 'composition');
    expect(given.length).toBeGreaterThan(0);
    expect(given.filter(({ to }) => to.includes('/routes/')).map(told)).toEqual([]);
    expect(inCircles(given)).toEqual([]);
  });

  test('a shape that features share is one: it imports types, rules and nothing else', () => {
    const shared = all.filter((one) => !sameFolder(one) && roomOf(one.to) === 'features' && isShape(one.to));
    const beyond = [...new Set(shared.map(({ to }) => to))].flatMap(importsOf);
    expect(beyond.filter(({ to, typesOnly }) => !typesOnly && inside(to) && !everybody(to)).map(told)).toEqual([]);
  });

  test('nothing of the server imports the demo, the tests, the bench or the simulators', () => {
    expect(all.filter(({ to }) => /^(demo|test|bench|simulators)\//.test(to)).map(told)).toEqual([]);
  });
});

describe('other folders', () => {
  test('the simulators import nothing of the server: they are the other side of the wire', () => {
    const wrong = filesOf('simulators').flatMap(importsOf);
    expect(wrong.filter(({ to }) => to.includes('/') && /^(src|demo|test|bench)\//.test(to)).map(told)).toEqual([]);
  });

  test('the demo comes in by the front door: boot, app, config, and what host and rules tell', () => {
    const imports = filesOf('demo').flatMap(importsOf);
    const door = ['src/boot.ts', 'src/app.ts', 'src/config.ts'];
    const wrong = imports.filter(({ to, typesOnly }) => inside(to) && !typesOnly && !door.includes(to));
    expect(wrong.filter(({ to }) => !['host', 'rules'].includes(roomOf(to))).map(told)).toEqual([]);
  });
});

describe('purity', () => {
  test('rules import no package but for hashing, and for the calendar in rules/time', () => {
    const packages = all.filter(({ from, to }) => roomOf(from) === 'rules' && !inside(to));
    const calendar = ({ from, to }: Import) => from.startsWith('src/rules/time/') && to === 'temporal-polyfill';
    expect(packages.filter((one) => one.to !== 'node:crypto' && !calendar(one)).map(told)).toEqual([]);
  });

  test('time, chance and timers are read in host alone', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bset(?:Timeout|Interval|Immediate)\(|\brandom(?:Bytes|UUID|Int)\b|node:timers/;
    expect(own.filter((one) => roomOf(one) !== 'host' && impure.test(textOf(one)))).toEqual([]);
  });
});

describe('the names of commits, which are the kill points', () => {
  const names = commitNames();

  test('are written out, in kebab-case', () => {
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter(({ name }) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  });

  test('each name one commit', () => {
    const twice = names.filter(({ name }) => names.filter((other) => other.name === name).length > 1);
    expect(twice).toEqual([]);
  });
});
