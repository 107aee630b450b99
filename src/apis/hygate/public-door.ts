import { type Static, Type } from 'typebox';
import type { DoorOffer } from '../../features/checkout/door-offer.service.ts';
import type { PassFacts } from '../../features/passes/pass-facts.service.ts';
import { refundView } from '../../features/sessions/public-view.ts';
import { qrSvg } from '../../http/qr-picture.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';
import { hasHours } from '../../rules/time/opening-hours.ts';
import { openingHoursFields, shownHours } from './opening-hours.schemas.ts';
import { Branding } from './public-device.ts';

const reasons = [
  'passage',
  'open-all',
  'maintenance',
  'closed',
  'lockdown',
  'switched-off',
  'no-lock',
  'no-way-in',
  'payments-off',
] as const;

/** What a guest may know of a door; the published fields first, ours after them. */
export const PublicDoor = Type.Object({
  name: Type.String(),
  price: Type.Integer(),
  currency: Type.String(),
  duration: Type.Integer({ description: 'Minutes' }),
  location: Nullable(Type.String()),
  branding: Branding,
  description: Nullable(Type.String()),
  status: Type.String(),
  available: Type.Boolean({ description: 'Whether a way in can be bought now' }),
  reason: Nullable(Type.Enum(reasons, { description: 'Why not' })),
  open: Type.Boolean({ description: 'By its opening hours' }),
  opensAt: Nullable(Instant),
  closesAt: Nullable(Instant),
  openingHours: Nullable(
    Type.Object({ ...openingHoursFields, timeZone: Type.String({ examples: ['Europe/Berlin'] }) }),
  ),
});

export function publicDoor(offer: DoorOffer): Static<typeof PublicDoor> {
  const { door, settings, hours, notSold } = offer;
  const payable = door.price === 0 || offer.paymentsReady;
  const reason = notSold ?? (payable ? null : 'payments-off');
  const shown = shownHours(offer.openingHours);
  return {
    name: door.name,
    price: door.price,
    currency: settings.currency,
    duration: door.duration_minutes,
    location: offer.location?.name ?? null,
    branding: settings.branding,
    description: door.description,
    status: door.status,
    available: reason === null,
    reason,
    open: hours.opening.open,
    opensAt: iso(hours.opening.opensNext),
    closesAt: iso(hours.opening.closesAt),
    openingHours: shown === null || !hasHours(hours.hours) ? null : { ...shown, timeZone: hours.hours.zone },
  };
}

/** What a guest may know of what they bought. */
export const PublicAccess = Type.Object({
  state: Type.Enum([
    'waiting-for-payment',
    'getting-ready',
    'ready',
    'ended',
    'could-not-make',
    'refunded',
    'payment-not-completed',
  ]),
  door: Type.Object({ name: Type.String(), location: Nullable(Type.String()) }),
  validFrom: Nullable(Instant),
  validUntil: Nullable(Instant),
  openedAt: Nullable(Instant),
  ways: Type.Object(
    {
      code: Nullable(Type.String({ description: 'To be typed on the keypad; leading zeros count' })),
      qr: Nullable(
        Type.Object({
          svg: Nullable(Type.String({ description: 'A picture to be shown to the lock' })),
          link: Nullable(Type.String({ description: 'A page that shows it' })),
        }),
      ),
      openNow: Type.Boolean({ description: 'POST …/open opens the door from here' }),
    },
    { description: 'Only while they open something' },
  ),
  failureReason: Nullable(Type.String()),
  refund: Nullable(
    Type.Object({
      amount: Type.Integer(),
      state: Type.Union([Type.Literal('pending'), Type.Literal('done'), Type.Literal('failed')]),
    }),
  ),
});

export function publicAccess(facts: PassFacts): Static<typeof PublicAccess> {
  const { row, ways } = facts;
  const { content = null, link = null } = ways.qr ?? {};
  return {
    state: facts.state,
    door: { name: facts.door.name, location: facts.location?.name ?? null },
    validFrom: iso(row.valid_from),
    validUntil: iso(row.valid_until),
    openedAt: iso(row.first_opened_at),
    ways: {
      code: ways.code,
      qr: ways.qr === null ? null : { svg: content === null ? null : qrSvg(content), link },
      openNow: ways.openNow,
    },
    failureReason: row.failure_reason,
    refund: refundView(facts),
  };
}
