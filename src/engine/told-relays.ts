import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { HardwareRef, Observation } from '../drivers/port.ts';
import { type DeviceRow, type DevicesService, relayRef } from '../features/devices/devices.service.ts';
import type { RelayRow, RelaysService } from '../features/relays/relays.service.ts';
import { sessionOf } from '../features/sessions/session-row.ts';
import type { SessionRow, SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import { ageOf, seconds } from '../rules/instant.ts';
import { isLive, isOver, seesToRelay } from '../rules/sessions/session.ts';
import type { Whose } from './open-drivers.ts';
import { counterOf, readingOf } from './session-runner.ts';

type Deps = {
  database: Database;
  clock: Clock;
  log: Log;
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  /** Looks at a relay that is on without a run: nobody may have asked for it. */
  look: (device: DeviceRow) => Promise<unknown>;
};

type Waiting = { whose: Whose; ref: HardwareRef; seen: Observation; notBefore: number };

/** A relay is written down at most this often, whatever it tells. */
const pause = 250;
/** A device that hung up may be back at once: silence is believed after this. */
const patience = seconds(3);
const atOnce = 8;
/** More relays than this tell nothing new before others are written down. */
const mostWaiting = 5000;
/** Nothing new within this is not written down again. */
const lately = seconds(5);

/**
 * What devices tell of their relays, written down like any other reading, and told to the run of the device. However much
 * a device tells, of each relay only the newest waits, and only so many are written at a time.
 */
export function createToldRelays({ database, clock, log, devices, relays, sessions, look }: Deps) {
  const waiting = new Map<string, Waiting>();
  const under = new Map<string, Promise<void>>();
  const rested = new Map<string, number>();
  let beat: { stop(): void } | null = null;

  function take(whose: Whose, ref: HardwareRef, seen: Observation): void {
    const key = `${whose.connectionId} ${ref.hardwareId} ${ref.channel}`;
    if (beat === null || (!waiting.has(key) && waiting.size >= mostWaiting)) return;
    const now = clock.now();
    const wait = seen.kind === 'unreachable' ? patience : 0;
    waiting.set(key, { whose, ref, seen, notBefore: Math.max(now + wait, (rested.get(key) ?? 0) + pause) });
    go();
  }

  function go(): void {
    const now = clock.now();
    for (const [key, one] of waiting) {
      if (under.size >= atOnce) return;
      if (one.notBefore > now || under.has(key)) continue;
      waiting.delete(key);
      const work = write(one)
        .catch((error: unknown) => log.error({ err: error }, 'What a device told could not be written down.'))
        .finally(() => {
          under.delete(key);
          rested.set(key, clock.now());
        });
      under.set(key, work);
    }
    for (const [key, at] of rested) if (now - at > pause) rested.delete(key);
  }

  async function write({ whose, ref, seen }: Waiting): Promise<void> {
    const { organizationId, connectionId } = whose;
    const id = await devices.added(organizationId, ref.hardwareId, ref.channel);
    const device = id === null ? null : await devices.any(organizationId, id);
    if (device === null || device.connection_id !== connectionId) return; // not added, or hangs elsewhere
    if (nothingNew(await relays.find(organizationId, device.id), seen)) return;
    const run = await database.transaction('relay-told', async (tx) => {
      const found = await sessions.liveOn(organizationId, device.id, tx);
      const live = found === null ? null : await sessions.lock(tx, organizationId, found.id);
      if (!(await relays.record(tx, organizationId, device.id, seen))) return 'old news';
      if (live === null) return null;
      if (!concerns(live, seen)) return live;
      const after = await sessions.stepOf(tx, live, { kind: 'reading', reading: readingOf(seen) });
      await sessions.meter(tx, live, counterOf(seen));
      return after.row;
    });
    if (run === 'old news') return;
    const forNobody = run === null || (isLive(run.phase) && !seesToRelay(sessionOf(run), clock.now()));
    if (forNobody && seen.kind === 'relay' && seen.on) await look(device);
    if (run !== null && isOver(run.phase)) await meterLast(device, run, seen);
  }

  /** A run has ended by what its device told, and that tells what changed, seldom its counter: it is asked once more. */
  async function meterLast(device: DeviceRow, { id, energy_counter }: SessionRow, seen: Observation): Promise<void> {
    if (energy_counter === null || counterOf(seen) !== null) return;
    await relays.read(relayRef(device), device.id, 'background', async (tx, last) => {
      // what the next run has used already is not this one's
      if ((await sessions.liveOn(device.organization_id, device.id, tx)) !== null) return;
      const row = await sessions.lock(tx, device.organization_id, id);
      if (row !== null) await sessions.meter(tx, row, counterOf(last));
    });
  }

  return {
    take,
    start(): void {
      beat ??= clock.every(100, go);
    },
    async stop(): Promise<void> {
      beat?.stop();
      beat = null;
      waiting.clear();
      await Promise.allSettled(under.values());
    },
  };
}

function nothingNew(known: RelayRow | null, seen: Observation): boolean {
  const age = known?.tried_at == null ? null : ageOf(known.tried_at, seen.at);
  if (known === null || age === null || age > lately) return false;
  if (seen.kind === 'unreachable') return known.unreachable_since !== null;
  const same = known.unreachable_since === null && known.output === (seen.on ? 'on' : 'off');
  return same && Math.abs((known.auto_off_at ?? 0) - (seen.autoOffAt ?? 0)) < seconds(2);
}

/**
 * A run that is still to start, or whose relay went off, looks for a relay that is on by our command, with our timer:
 * somebody's hand on the button is not that. It will switch by itself, and read.
 */
function concerns({ phase, run }: SessionRow, seen: Observation): boolean {
  if (phase !== 'running' && phase !== 'stopping') return false;
  return !(seen.kind === 'relay' && seen.on && seen.autoOffAt === null && run.offSince !== null);
}
