import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Clock } from '../../host/clock.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { DeviceId, OrganizationId, WishId } from '../../rules/ids.ts';
import { hours, type Instant, seconds } from '../../rules/instant.ts';
import { availability } from '../../rules/sessions/availability.ts';
import { limits, mayTell } from '../../rules/wishes/wish.ts';
import type { OffersService } from '../checkout/offer.service.ts';
import { type DeviceRow, type DevicesService, deviceOpen } from '../devices/devices.service.ts';
import type { PlansService } from '../devices/plans.service.ts';
import type { LocationRow, LocationsService } from '../locations/locations.service.ts';
import type { Outbox } from '../mail/outbox.service.ts';
import { type RelaysService, relayState } from '../relays/relays.service.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';
import type { Settings, SettingsService } from '../settings/settings.service.ts';
import { saleStateOf } from './offer-state.ts';
import { purposes } from './wishes.service.ts';
import {
  dueMachines,
  endWishes,
  findWish,
  inLine,
  lastTold,
  lookAgain,
  refuses,
  toldSince,
  type WishRow,
  waiting,
} from './wishes.store.ts';

type Deps = {
  database: Database;
  clock: Clock;
  box: SecretBox;
  devices: DevicesService;
  plans: PlansService;
  locations: LocationsService;
  offers: OffersService;
  relays: RelaysService;
  sessions: SessionsService;
  settings: SettingsService;
  outbox: Outbox;
};

/** Between two looks at a machine for which somebody waits. */
const lookEvery = seconds(5);

/** Everything that the mail about a free machine tells. */
export type FreeFacts = {
  settings: Settings;
  location: LocationRow | null;
  /** The machine that became free. */
  device: { name: string; uid: string };
  /** When it was seen free. */
  since: Instant;
  /** Whether it is free still. */
  still: boolean;
  /** Of the page that stops these mails. */
  stopPath: string;
};

/**
 * Tells who waits that a machine is free: one mail to the first in line, and to the next when it was used meanwhile or the
 * first did not come. Who is told is decided under the device's lock, as is who buys it; the mail stands in the same
 * transaction. Lines of one organization move one at a time, so nobody is passed over and nobody told twice.
 */
export function createTelling(deps: Deps) {
  const { database, clock, box, devices, plans, locations, offers, relays, sessions, settings, outbox } = deps;

  /** One machine at which somebody waits: tells who is to be told of it, and of those like it. */
  async function look(organizationId: OrganizationId, deviceId: DeviceId): Promise<void> {
    const device = await devices.any(organizationId, deviceId);
    const there = device !== null && device.deleted_at === null;
    if (there && outbox.on) {
      const alike = [device, ...(await plans.alike(device))];
      const inUse = await sessions.inUse(
        organizationId,
        alike.map(({ id }) => id),
      );
      for (const one of alike) if (!inUse.has(one.id) && deviceOpen(one)) await tellOf(one, alike);
    }
    await database.transaction('wishes-looked-at', async (tx) => {
      await standInLine(tx, 'wishes', organizationId);
      const now = clock.now();
      const over = (await waiting(tx, organizationId, { deviceId })).filter((row) => !there || row.expires_at <= now);
      const ids = over.map(({ id }) => id);
      await endWishes(tx, organizationId, ids, { state: 'expired' }, now);
      await lookAgain(tx, organizationId, deviceId, now + lookEvery);
    });
  }

  async function tellOf(device: DeviceRow, alike: readonly DeviceRow[]): Promise<void> {
    if ((await lineAt(device, alike)).length === 0) return; // then its relay need not be read, nor any row be locked
    if (!mayTell(await toldOf(device), clock.now()) || !(await isFree(device))) return;
    await database.transaction('wish-told', (tx) => tell(tx, device, alike));
  }

  function lineAt(
    { organization_id, id }: DeviceRow,
    alike: readonly DeviceRow[],
    db: Tx | Database['read'] = database.read,
  ) {
    const others = alike.map((one) => one.id);
    return inLine(db, organization_id, id, others, clock.now());
  }

  /** By what the rounds read of its relay; where that is old, it is read. */
  async function isFree({ uid }: DeviceRow): Promise<boolean> {
    const known = await offers.find(uid, null, { relay: 'known' });
    const offer = known.availability === 'unknown' ? await offers.find(uid, null) : known;
    return saleStateOf(offer) === 'free';
  }

  async function tell(tx: Tx, { organization_id, id }: DeviceRow, alike: readonly DeviceRow[]): Promise<void> {
    const device = await devices.lock(tx, organization_id, id);
    if (device === null || !(await standsFree(tx, device))) return;
    await standInLine(tx, 'wishes', organization_id);
    const now = clock.now();
    if (!mayTell(await toldOf(device, tx), now)) return;
    const line = await lineAt(device, alike, tx);
    const first = await firstToTell(tx, line, now);
    if (first === null) return;
    await outbox.queue(tx, {
      organizationId: organization_id,
      key: `free:${first.id}`,
      to: first.email,
      language: first.language,
      kind: 'free',
      facts: { wishId: first.id },
    });
    // others of the same reader in this line are met by the same mail
    const met = line.filter((wish) => wish.address_hash.equals(first.address_hash));
    const ids = met.map((wish) => wish.id);
    await endWishes(tx, organization_id, ids, { state: 'told', toldDeviceId: id }, now);
  }

  /** Passes over who wants no such mails, or has had enough of them for a day. */
  async function firstToTell(tx: Tx, line: readonly WishRow[], now: Instant): Promise<WishRow | null> {
    for (const wish of line) {
      const { organization_id: organizationId, address_hash } = wish;
      const refused = await refuses(tx, organizationId, address_hash, now);
      const enough = (await toldSince(tx, organizationId, address_hash, now - hours(24))) >= limits.mailsADay;
      if (!refused && !enough) return wish;
      await endWishes(tx, organizationId, [wish.id], { state: refused ? 'stopped' : 'expired' }, now);
    }
    return null;
  }

  /** Under the device's lock: nobody runs it, nobody is paying for it, and it was seen off. */
  async function standsFree(tx: Tx, device: DeviceRow): Promise<boolean> {
    const { organization_id: organizationId, id } = device;
    const now = clock.now();
    if (await isTaken(organizationId, id, tx)) return false;
    return availability(device.status, relayState(await relays.find(organizationId, id, tx)), now) === 'ready';
  }

  async function isTaken(organizationId: OrganizationId, id: DeviceId, db: Tx | Database['read']): Promise<boolean> {
    if ((await sessions.liveOn(organizationId, id, db)) !== null) return true;
    const hold = await sessions.holdOn(organizationId, id, db);
    return hold !== null && hold.expires_at > clock.now();
  }

  async function toldOf({ organization_id, id }: DeviceRow, db: Tx | Database['read'] = database.read) {
    const at = await lastTold(db, organization_id, id);
    if (at === null) return null;
    const used = await sessions.lastEnded(organization_id, id, db);
    return { at, usedSince: used !== null && used > at };
  }

  /** What a mail tells, as it is when it is sent; null: it comes too late to be of use. */
  async function letter(organizationId: OrganizationId, id: WishId): Promise<FreeFacts | null> {
    const wish = await findWish(database.read, organizationId, id);
    if (wish?.told_device_id == null || wish.ended_at === null || wish.expires_at <= clock.now()) return null;
    const device = await devices.any(organizationId, wish.told_device_id);
    const asked = await devices.any(organizationId, wish.device_id);
    if (device === null || asked === null || device.deleted_at !== null) return null;
    const token = box.open(purposes.token, wish.token_sealed);
    return {
      settings: await settings.get(organizationId),
      location: await locations.find(organizationId, device.location_id),
      device: { name: device.name, uid: device.uid },
      since: wish.ended_at,
      still: deviceOpen(device) && !(await isTaken(organizationId, device.id, database.read)),
      stopPath: `/pay/${asked.uid}/tell-me/${token}`,
    };
  }

  const due = (now: Instant, limit: number) => dueMachines(database.read, now, limit);

  return { due, look, letter };
}

export type TellingService = ReturnType<typeof createTelling>;
