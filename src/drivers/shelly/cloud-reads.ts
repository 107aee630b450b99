import type { LookFor } from '../port.ts';
import type { CloudAnswer, CloudClient } from './cloud-client.ts';
import { type CloudDevice, parseDevices } from './cloud-wire.ts';
import type { Trouble } from './judge.ts';

/** What the cloud shows of a device, asked for at `askedAt` by our clock. */
export type Shown = { kind: 'device'; device: CloudDevice } | { kind: 'unknown-device' } | Trouble;

export type CloudReads = { status(id: string, lookFor: LookFor, patience: AbortSignal): Promise<Shown> };

const mostIds = 10;
type Wish = { id: string; lookFor: LookFor; tell(shown: Shown): void };

/**
 * Reads of one account: whatever is asked for while we wait for our turn goes in one request of up to ten devices, what
 * people wait for first.
 */
export function createCloudReads(client: CloudClient): CloudReads {
  let wishes: Wish[] = [];
  const asking: Partial<Record<LookFor, AbortController>> = {};

  return {
    status: (id, lookFor, patience) =>
      new Promise((tell) => {
        const wish: Wish = { id, lookFor, tell };
        if (patience.aborted) return tell(tooLate);
        wishes.push(wish);
        patience.addEventListener('abort', () => leave(wish), { once: true });
        if (asking[lookFor] === undefined) void pump(lookFor);
      }),
  };

  /** Whoever has no time left goes; the request goes on for the others. */
  function leave(wish: Wish): void {
    const waits = wishes.includes(wish);
    wishes = wishes.filter((other) => other !== wish);
    if (waits) forgetIdle();
    wish.tell(waits ? tooLate : noAnswer);
  }

  /** Nobody waits any more: no turn is spent on it. */
  function forgetIdle(): void {
    for (const lookFor of ['people', 'background'] as const) {
      if (!wishes.some((wish) => wish.lookFor === lookFor)) asking[lookFor]?.abort();
    }
  }

  async function pump(lookFor: LookFor): Promise<void> {
    while (wishes.some((wish) => wish.lookFor === lookFor)) {
      const ending = new AbortController();
      asking[lookFor] = ending;
      let taken: Wish[] = [];
      const request = () => {
        taken = take();
        return { path: '/v2/devices/api/get', body: { ids: idsOf(taken), select: ['status'] } };
      };
      const answer = await client
        .call({ request, lookFor, patience: ending.signal })
        .catch((error: unknown): CloudAnswer => {
          return { kind: 'lost', answered: false, detail: error instanceof Error ? error.message : String(error) };
        });
      // an answer without a turn, though there is time left: nobody is asked for again and again
      if (taken.length === 0 && !ending.signal.aborted) taken = take();
      const shown = understand(answer);
      for (const wish of taken) wish.tell(shown(wish.id));
    }
    delete asking[lookFor];
  }

  function take(): Wish[] {
    const first = [...wishes].sort((a, b) => Number(a.lookFor === 'background') - Number(b.lookFor === 'background'));
    const ids = idsOf(first).slice(0, mostIds);
    const taken = wishes.filter((wish) => ids.includes(wish.id));
    wishes = wishes.filter((wish) => !taken.includes(wish));
    forgetIdle(); // our own turn has come and cannot be lost any more
    return taken;
  }
}

const idsOf = (wishes: readonly Wish[]): string[] => [...new Set(wishes.map((wish) => wish.id))];

const tooLate: Trouble = {
  kind: 'trouble',
  reason: 'busy',
  detail: 'our turn at Shelly Cloud did not come in time',
  noTurn: true,
};

const noAnswer: Trouble = {
  kind: 'trouble',
  reason: 'unreachable',
  detail: 'Shelly Cloud did not answer in time',
  wholeConnection: true,
};

function understand(answer: CloudAnswer): (id: string) => Shown {
  if (answer.kind === 'trouble') return () => answer;
  if (answer.kind === 'lost') {
    const { answered, kind: _, ...rest } = answer;
    return () => ({ ...rest, kind: 'trouble', reason: answered ? 'vendor' : 'unreachable' });
  }
  const devices = parseDevices(answer.value);
  if (devices === null) {
    return () => ({
      kind: 'trouble',
      reason: 'vendor',
      detail: 'Shelly Cloud gave an answer that cannot be understood',
    });
  }
  return (id) => {
    const device = devices.get(id);
    return device === undefined ? { kind: 'unknown-device' } : { kind: 'device', device };
  };
}
