import type { Log } from '../database/log.ts';
import type { DeliveryService } from '../features/mail/delivery.service.ts';
import type { Clock } from '../host/clock.ts';
import type { MailId, OrganizationId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import { createDueWork } from './due-work.ts';

/** How many mails this process hands over at the same time. */
const atOnce = 6;
const most = 50;
const every = 500;
/** What is on its way when the process ends may get so long to hear its answer. */
const farewell = seconds(5);

/**
 * Mails go out apart from everything else: a job only says that there is one, and never waits for its server. A mail
 * server that hangs holds back no machine, no payment and no job. Without a mail server (null) nothing happens.
 */
export function createMailRound({
  clock,
  log,
  delivery,
}: {
  clock: Clock;
  log: Log;
  delivery: DeliveryService | null;
}) {
  const work = createDueWork({ clock, log, atOnce });
  const ending = new AbortController();

  /** Begins to hand it over, unless it is under way or too many are; the sweep finds it then. */
  function begin(organizationId: OrganizationId, id: MailId): void {
    if (delivery !== null) void work.begin(id, () => delivery.deliver(organizationId, id, ending.signal));
  }

  async function sweep(): Promise<void> {
    if (delivery === null) return;
    for (const { organizationId, id } of await delivery.due(clock.now(), most)) begin(organizationId, id);
  }

  function start(): { stop(): Promise<void> } {
    if (delivery === null) return { stop: async () => undefined };
    let sweeping: Promise<void> | null = null;
    const repeat = clock.every(every, () => {
      sweeping ??= sweep()
        .catch((error: unknown) => log.error({ err: error, round: 'mails' }, 'A round failed; the next one follows.'))
        .finally(() => {
          sweeping = null;
        });
    });
    return {
      async stop() {
        repeat.stop();
        await sweeping;
        const over = work.stop();
        const waited = new AbortController();
        await Promise.race([over, clock.sleep(farewell, waited.signal)]);
        waited.abort();
        ending.abort();
        await over;
      },
    };
  }

  return { begin, start };
}

export type MailRound = ReturnType<typeof createMailRound>;
