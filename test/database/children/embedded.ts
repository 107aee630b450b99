import { createInterface } from 'node:readline';
import { startEmbedded } from '../../../src/database/supervise/start.ts';
import { systemClock } from '../../../src/host/clock.ts';

// A Keystead reduced to its server: `embedded.ts DATA_DIR [ROOF]`. Says {pid, adopted, folder}, later {lost}.
const [dataDir = '', roof = '/nowhere'] = process.argv.slice(2);
const say = (words: object) => process.stdout.write(`${JSON.stringify(words)}\n`);
const embedded = await startEmbedded({ dataDir, postgresBin: null, account: 'nobody', clock: systemClock, roof });
void embedded.lost.then((error) => say({ lost: error.message }));
say({ pid: embedded.pid, adopted: embedded.adopted, folder: embedded.folder });
createInterface({ input: process.stdin }).once('line', () => {
  void embedded.stop().then(() => process.exit(0));
});
