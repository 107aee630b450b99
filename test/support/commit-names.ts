import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** The kill points: every `transaction('name', …)` of the server, with the file it stands in. Generated, so never out of date. */
export function commitNames(): { name: string; file: string }[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== path.join('database', 'open.ts'),
  );
  return files.flatMap((file) =>
    [...readFileSync(path.join(src, file), 'utf8').matchAll(/\btransaction\(\s*(?:'([^']*)')?/g)].map(
      ([, name = '(none: its name must be written out)']) => ({ name, file }),
    ),
  );
}
