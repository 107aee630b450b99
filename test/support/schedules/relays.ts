import type { HistoryEntry } from '../../../simulators/shelly/start.ts';
import type { SessionRow } from '../../../src/features/sessions/session-row.ts';
import type { Instant } from '../../../src/rules/instant.ts';
import { limits } from '../../../src/rules/sessions/limits.ts';
import type { Books } from './books.ts';
import type { Street } from './street.ts';

const ours = ({ source }: HistoryEntry): boolean => source === 'HTTP_in';
/** Seconds are whole, and there is a way to the relay. */
const margin = 2000;

/** `untouched`: nobody pressed a button at it, and nothing was wrong with it. */
export type Watched = { machine: { id: string; name: string }; untouched(): boolean };
type Asked = { session_id: string | null; device_id: string; asked_at: number; kind: string };

/**
 * What the relays did, by their own word, against what was bought. Answers what is wrong. `jump`: how far time may have been
 * moved between a decision and its command.
 */
export async function wrongWithRelays(
  street: Pick<Street, 'rows' | 'shelly'>,
  players: readonly Watched[],
  books: Books,
  { since, jump = 0 }: { since: Instant; jump?: number },
): Promise<string[]> {
  const asked = await street.rows<Asked>(
    `select session_id, device_id, kind, (extract(epoch from asked_at) * 1000)::float8 as asked_at
     from commands where kind = 'switch-on' order by asked_at`,
  );
  const longer = new Set(books.payments.flatMap((one) => (one.extra_ms > 0 ? [one.session_id as string | null] : [])));
  return players.flatMap((player) => {
    const { machine } = player;
    const history = street.shelly.history(machine.name).filter((entry) => entry.at >= since);
    const sessions = books.sessions.filter((row) => row.device_id === machine.id);
    const commands = asked.filter((one) => one.device_id === machine.id);
    const wrong = [
      ...leftOn(street, player),
      ...beyondTheEnd(history, sessions, commands, books, jump),
      ...(player.untouched() ? switchedTwice(history, sessions, commands, longer) : []),
      ...(player.untouched() ? switchedUnseen(history, commands, longer) : []),
      ...(player.untouched() ? countedTooMuch(history, sessions, longer) : []),
    ];
    return wrong.map((one) => `${machine.name}: ${one}`);
  });
}

function leftOn(street: Pick<Street, 'shelly'>, { machine }: Watched): string[] {
  const on = street.shelly.device(machine.name).channels.some(({ output }) => output);
  return on ? ['left on'] : [];
}

/** Every switch-on carries its own end, and that is no later than what was bought. */
function beyondTheEnd(
  history: HistoryEntry[],
  sessions: SessionRow[],
  commands: Asked[],
  books: Books,
  jump: number,
): string[] {
  return history
    .filter((entry) => entry.kind === 'set' && entry.on && ours(entry))
    .flatMap((entry) => {
      if (entry.toggleAfter === null) return ['switched on without an end'];
      const command = commands.findLast((one) => one.asked_at <= entry.at + 1);
      if (command === undefined) return ['switched on, and nobody asked for it'];
      if (command.session_id === null) return []; // staff
      const row = sessions.find(({ id }) => id === command.session_id);
      const late = Math.max(0, entry.at - command.asked_at); // time was moved while it was on its way
      const until = entry.at + entry.toggleAfter * 1000;
      const takenBack = books.payments
        .filter((one) => one.session_id === row?.id && one.extra_ms > 0 && !one.taken)
        .reduce((ms, one) => ms + one.extra_ms, 0);
      const end = (row?.ends_at ?? entry.at + (row?.duration_ms ?? 0)) + takenBack;
      return until <= end + margin + late + jump
        ? []
        : [`on until ${until - end} ms beyond its end: ${JSON.stringify({ entry, row })}`];
    });
}

/** Runs that somebody wanted longer: their timer may have run out while the new one was on its way. */
type Longer = ReadonlySet<string | null>;

/** Where nobody else had a hand in it: one switch-on with effect for each run that began. */
function switchedTwice(history: HistoryEntry[], sessions: SessionRow[], commands: Asked[], longer: Longer): string[] {
  const flips = history.filter((entry) => entry.kind === 'flip' && entry.on && ours(entry));
  const times = new Map<string | null, number>();
  for (const flip of flips) {
    const by = commands.findLast((one) => one.asked_at <= flip.at + 1)?.session_id ?? null;
    times.set(by, (times.get(by) ?? 0) + 1);
  }
  return sessions.flatMap((row) => {
    const on = times.get(row.id) ?? 0;
    if (row.started_at !== null && on > 1 && longer.has(row.id)) return [];
    if (row.started_at !== null && on !== 1)
      return [`${on} switch-ons with effect for one run: ${JSON.stringify(row)}`];
    return on > 1 ? [`${on} switch-ons for a run that did not begin`] : [];
  });
}

/** A switch-on is repeated only when the relay was seen off; one that finds it on only sets the timer of a longer run. */
function switchedUnseen(history: HistoryEntry[], commands: Asked[], longer: Longer): string[] {
  return history.flatMap((entry, n) => {
    const moved = history[n + 1]?.kind === 'flip' && history[n + 1]?.at === entry.at;
    if (entry.kind !== 'set' || !entry.on || !ours(entry) || moved) return [];
    const command = commands.findLast((one) => one.asked_at <= entry.at + 1);
    return longer.has(command?.session_id ?? null) ? [] : [`switched on while it was on: ${JSON.stringify(entry)}`];
  });
}

/** Nobody pays for a second in which the relay was off; but a gap of up to a minute is not taken off the price. */
function countedTooMuch(history: HistoryEntry[], sessions: SessionRow[], longer: Longer): string[] {
  const flips = history.filter(({ kind }) => kind === 'flip');
  return sessions.flatMap((row) => {
    const from = row.started_at;
    const to = Math.min(row.ends_at ?? 0, row.ended_at ?? 0);
    if (from === null) return row.run.onMs > 0 ? ['seconds counted of a run that did not begin'] : [];
    let on = 0;
    flips.forEach((flip, n) => {
      if (flip.on) on += Math.max(0, Math.min(to, flips[n + 1]?.at ?? to) - Math.max(from, flip.at));
    });
    const gap = longer.has(row.id) ? limits.gap : 0;
    return row.run.onMs > on + gap + margin ? [`${row.run.onMs} ms counted, ${on} ms on: ${JSON.stringify(row)}`] : [];
  });
}
