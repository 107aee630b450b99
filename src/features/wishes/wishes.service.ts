import type { Database } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { invalid, notFound, Problem, tooManyFor } from '../../rules/errors.ts';
import { hours, type Instant, iso, minutes } from '../../rules/instant.ts';
import { limits, refusalLasts, wishEnds } from '../../rules/wishes/wish.ts';
import { emailAddress } from '../checkout/email-address.ts';
import type { Offer, OffersService } from '../checkout/offer.service.ts';
import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
import type { PlansService } from '../devices/plans.service.ts';
import type { Outbox } from '../mail/outbox.service.ts';
import { saleStateOf } from './offer-state.ts';
import {
  counted,
  endWishes,
  findByToken,
  forgetEnded,
  insertWish,
  renewWish,
  saveRefusal,
  type WishRow,
  waiting,
  waitingOfGuest,
} from './wishes.store.ts';

export const purposes = { token: 'wish-token', address: 'wish-address' } as const;

/** `any`: a machine like it at the same place will do as well; left out: yes. */
export type WishInput = { email: string; any?: boolean | undefined };
/** Who wishes: by their browser's cookie, and where they come from. */
export type Wisher = { holder: string; ip: string; language: string };
export type Wished = { any: boolean; expiresAt: Instant };

/** What the page of a busy machine offers to who waits. `mine`: this browser's wish, noted already. */
export type WishOffer = { alike: number; until: Instant; mine: Wished | null };

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  devices: DevicesService;
  plans: PlansService;
  offers: OffersService;
  outbox: Outbox;
};

/** Rows of wishes that are over are kept so long, for the link in their mail. */
const keptFor = hours(24 * 30);

/**
 * Guests who want to hear by mail, once, when a machine is free. A wish belongs to the browser that left it: what another
 * one left for the same address is never told, and who reads the mails decides whether any more come.
 */
export function createWishes({ database, clock, random, box, devices, plans, offers, outbox }: Deps) {
  const addressHash = (email: string): Buffer => box.hash(purposes.address, email.toLowerCase());
  const holderHash = (holder: string): Buffer => box.hash('wish-holder', holder);

  /** null: there is nothing to wait for, or mail is off. */
  async function around(offer: Offer, holder: string): Promise<WishOffer | null> {
    if (!outbox.on || saleStateOf(offer) !== 'busy') return null;
    const { organization_id: organizationId, id } = offer.device;
    const own = await waitingOfGuest(database.read, organizationId, holderHash(holder), id);
    const mine = own !== null && own.expires_at > clock.now() ? wished(own) : null;
    return { alike: (await plans.alike(offer.device)).length, until: endOf(offer), mine };
  }

  /** The answer tells of this browser's wish alone: it is the same whoever left wishes for the address before. */
  async function leave(uid: string, input: WishInput, wisher: Wisher): Promise<Wished> {
    const email = emailAddress(input.email);
    const offer = await offers.find(uid, wisher.holder);
    if (email === null) throw invalid('email', 'email is required');
    if (!outbox.on) throw new Problem('NOT_CONFIGURED', 'No mails are sent here');
    refuseToWait(offer);
    const alsoAlike = input.any !== false && (await plans.alike(offer.device)).length > 0;
    const organizationId = offer.device.organization_id;
    return database.transaction('wish-left', async (tx) => {
      await standInLine(tx, 'wishes', organizationId);
      const guest = holderHash(wisher.holder);
      const kept = { email, address_hash: addressHash(email), any_alike: alsoAlike, language: wisher.language };
      const expiresAt = endOf(offer);
      const before = await waitingOfGuest(tx, organizationId, guest, offer.device.id);
      if (before !== null) {
        await renewWish(tx, before, kept, expiresAt);
        return { any: alsoAlike, expiresAt };
      }
      const now = clock.now();
      const ipHash = box.hash('wish-ip', wisher.ip);
      const by = { deviceId: offer.device.id, holderHash: guest, ipHash, since: now - hours(1) };
      const { atMachine, ofGuest, fromAddress } = await counted(tx, organizationId, by);
      if (fromAddress >= limits.newOfAddressAnHour) throw tooManyFor(hours(1));
      if (atMachine >= limits.waitingAtMachine || ofGuest >= limits.waitingOfGuest) throw tooManyFor(minutes(10));
      const token = random.token();
      const row = {
        organization_id: organizationId,
        id: random.id('wish'),
        device_id: offer.device.id,
        ...kept,
        holder_hash: guest,
        ip_hash: ipHash,
        token_hash: box.hash(purposes.token, token),
        token_sealed: box.seal(purposes.token, token),
      };
      await insertWish(tx, row, { now, expiresAt });
      return { any: alsoAlike, expiresAt };
    });
  }

  /** The guest has changed their mind, in the browser that left the wish. */
  async function takeBack(uid: string, holder: string): Promise<void> {
    const device = await devices.byUid(uid);
    if (device === null) throw notFound('Access point not found');
    const { organization_id: organizationId, id } = device;
    await database.transaction('wish-taken-back', async (tx) => {
      await standInLine(tx, 'wishes', organizationId);
      const own = await waitingOfGuest(tx, organizationId, holderHash(holder), id);
      if (own !== null) await endWishes(tx, organizationId, [own.id], { state: 'stopped' }, clock.now());
    });
  }

  /** The machine whose wish a mail was about, by the link in it. */
  async function byLink(uid: string, token: string): Promise<{ device: DeviceRow; wish: WishRow }> {
    const device = await devices.byUid(uid);
    const hash = box.hash(purposes.token, token);
    const wish = device === null ? null : await findByToken(database.read, device.organization_id, hash);
    if (device === null || wish?.device_id !== device.id) throw notFound('There is no such link');
    return { device, wish };
  }

  /** Who reads the mails wants none any more: what waits for the address is over, and nothing of the kind goes to it. */
  async function refuse(uid: string, token: string): Promise<void> {
    const { wish } = await byLink(uid, token);
    const { organization_id: organizationId, address_hash } = wish;
    await database.transaction('wishes-refused', async (tx) => {
      await standInLine(tx, 'wishes', organizationId);
      await saveRefusal(tx, organizationId, address_hash, clock.now() + refusalLasts);
      const ids = (await waiting(tx, organizationId, { addressHash: address_hash })).map(({ id }) => id);
      await endWishes(tx, organizationId, ids, { state: 'stopped' }, clock.now());
    });
  }

  const forgetOld = (): Promise<void> => forgetEnded(database.read, clock.now() - keptFor, clock.now());

  return { around, leave, takeBack, byLink, refuse, forgetOld };

  function endOf({ hours: { opening } }: Offer): Instant {
    return wishEnds(clock.now(), opening.closesAt);
  }
}

export type WishesService = ReturnType<typeof createWishes>;

const wished = (row: WishRow): Wished => ({ any: row.any_alike, expiresAt: row.expires_at });

function refuseToWait(offer: Offer): void {
  const { opensNext } = offer.hours.opening;
  const state = saleStateOf(offer);
  switch (state) {
    case 'busy':
      return;
    case 'free':
      throw new Problem('CONFLICT', 'The machine is free: it can be used now');
    case 'closed':
      throw new Problem('DEVICE_CLOSED', undefined, {
        facts: { reason: 'closed', opensAt: iso(opensNext), closesAt: null },
      });
    case 'maintenance':
      throw new Problem('DEVICE_UNAVAILABLE', 'The machine is closed for maintenance', { facts: { reason: state } });
    case 'not-for-sale':
      throw new Problem('DEVICE_UNAVAILABLE', 'There is nothing to buy at this machine now', {
        facts: { reason: state },
      });
  }
}
