import pg from 'pg';
import { freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { killAll } from './keystead-process.ts';
import { type MortalServer, openMortalServer } from './mortal-server.ts';
import { type Machine, openPlace, type Place } from './place.ts';

/** A laundry whose mails go to a simulated mail server, and whose server dies where it is told to. */
export type MailScene = {
  place: Place;
  machines: Machine[];
  client: pg.Client;
  server: MortalServer;
  /** What came for this address. */
  inbox(to: string): { messageId: string }[];
  /** What the dead server was sending is sent by the next one, without waiting for the dead one's time. */
  sendersAreGone(): Promise<void>;
  close(): Promise<void>;
};

export async function openMailScene(names: string[]): Promise<MailScene> {
  const fresh = await freshDatabase({ from: 'template0' });
  const place = await openPlace({ port: await freePort(), names });
  const server = await openMortalServer({
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
    SMTP_URL: place.simulators.mail.smtpUrl,
    MAIL_FROM: 'laundry@keystead.test',
  });
  const machines = await place.furnish();
  const client = new pg.Client(fresh.connection);
  await client.connect();
  return {
    place,
    machines,
    client,
    server,
    inbox: (to) => place.simulators.mail.mails().filter((mail) => mail.to.includes(to)),
    async sendersAreGone() {
      await client.query("update mails set try_at = now() where state = 'sending'");
    },
    async close() {
      await server.close();
      await killAll();
      await client.end();
      await place.close();
      await fresh.drop();
    },
  };
}
