/**
 * Chromium from npm, unpacked once into a folder of its version: the package itself would take whatever lies in the
 * temporary folder, of any version, even half unpacked. It stays off the network and draws with the fonts that the
 * package brings, so pictures look alike on every machine. It is Linux on x64; elsewhere CHROMIUM names another one.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const modules = path.resolve(import.meta.dirname, '../../node_modules');
const packed = path.join(modules, '@sparticuz/chromium');

/** The same as in a guest's phone, but silent: no look-ups of Google's hosts, no updates, no reports. */
const quiet = [
  '--no-sandbox', // root may not use one
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-pings',
  '--font-render-hinting=none',
];

export async function launchChromium(): Promise<Browser> {
  const { CHROMIUM } = process.env;
  if (CHROMIUM !== undefined) return chromium.launch({ executablePath: CHROMIUM, args: quiet });
  const folder = await unpacked();
  const start = (more: Record<string, string>) =>
    chromium.launch({
      executablePath: path.join(folder, 'chromium'),
      args: quiet,
      env: { ...present(process.env), FONTCONFIG_FILE: path.join(folder, 'fonts.conf'), ...more },
    });
  try {
    return await start({});
  } catch (error) {
    if (!String(error).includes('shared libraries')) throw error;
    const libraries = [path.join(folder, 'al2023/lib'), process.env.LD_LIBRARY_PATH ?? []].flat();
    return start({ LD_LIBRARY_PATH: libraries.join(':') }); // a machine without NSS
  }
}

async function unpacked(): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(packed, 'package.json'), 'utf8')) as { version: string };
  const folder = path.join(modules, '.cache', `keystead-chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  await unpack(draft);
  const conf = fontsConf(path.join(folder, 'fonts/fonts'));
  await writeFile(path.join(draft, 'fonts.conf'), conf);
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else somebody else was faster
  });
  return folder;
}

/** The package unpacks to where TMPDIR points. */
async function unpack(folder: string): Promise<void> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    const { default: bundle, inflate } = await import('@sparticuz/chromium');
    await bundle.executablePath();
    await inflate(path.join(packed, 'bin/al2023.tar.br'));
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** The machine's fonts stay for the signs that ours lack. */
const fontsConf = (folder: string): string => {
  const first = (family: string) =>
    `<match target="pattern"><test name="family"><string>${family}</string></test>` +
    '<edit name="family" mode="prepend" binding="strong"><string>Open Sans</string></edit></match>';
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>${folder}</dir>
${['system-ui', 'sans-serif', 'sans'].map(first).join('\n')}
</fontconfig>`;
};

const present = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
