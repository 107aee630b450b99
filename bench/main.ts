/**
 * `npm run bench`: ratios of things measured side by side in one run, each with its target; absolute times mean nothing on
 * shared machines. A target that is missed is printed, and fails nothing. `-- --full`: ten times the sizes.
 */

import { benchCodes } from './codes.ts';
import { benchDoors } from './doors.ts';
import { furnish } from './furnish.ts';
import { benchHistory } from './history.ts';
import { benchPage } from './page.ts';
import { openPlace, openServer } from './place.ts';
import { print } from './report.ts';
import { benchStart } from './start.ts';
import { benchWebhook } from './webhook.ts';

const full = process.argv.includes('--full');
const size = full ? 10 : 1;
process.stdout.write(full ? 'All sizes.\n' : 'Sizes at one tenth; all of them by: npm run bench -- --full\n');

print('From process to healthy', await benchStart(full ? 9 : 3));
const server = await openServer();
try {
  const place = await openPlace(server, 'bench');
  const { uid, close } = await furnish(place);
  print('What a guest loads', await benchPage(place, uid));
  print('From the money to the machine', await benchWebhook(place, 200 * size));
  await close();
  await place.close();
  print('At the doors', await benchDoors(server, { locks: 50 * size, seconds: full ? 120 : 30 }));
  print('Codes on locks', await benchCodes(server, { few: 100, many: 1000 * size }));
  print('Years of history', await benchHistory(server, { few: 1000, many: 20_000 * size }));
} finally {
  await server.close();
}
