import { type Static, Type } from 'typebox';
import type { Offer } from '../../features/checkout/offer.service.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';
import { daysFrom, hasHours, windowOf } from '../../rules/time/opening-hours.ts';
import { Holiday, openingHoursFields, shownHours } from './opening-hours.schemas.ts';

export const Branding = Type.Object({
  logo: Nullable(Type.String()),
  color: Nullable(Type.String()),
  headerText: Nullable(Type.String()),
  footerText: Nullable(Type.String()),
});

const reasons = [
  'maintenance',
  'closed',
  'in-use',
  'offline',
  'unknown',
  'switched-on',
  'starts-after-closing',
  'ends-after-closing',
] as const;

/** What a guest may know of a device; the published fields first, ours after them. */
export const PublicDevice = Type.Object({
  name: Type.String(),
  description: Nullable(Type.String()),
  location: Nullable(Type.String()),
  usagePlans: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      description: Nullable(Type.String()),
      duration: Type.Integer(),
      delayMinutes: Type.Integer(),
      price: Type.Integer(),
      available: Type.Boolean({ description: 'Whether it can be begun now' }),
      unavailableReason: Nullable(Type.Enum(reasons)),
    }),
  ),
  branding: Branding,
  currency: Type.String(),
  status: Type.String(),
  available: Type.Boolean({ description: 'Whether anything can be begun now' }),
  inUse: Type.Boolean(),
  open: Type.Boolean({ description: 'By its opening hours' }),
  opensAt: Nullable(Instant),
  closesAt: Nullable(Instant),
  openingHours: Nullable(
    Type.Object({
      ...openingHoursFields,
      timeZone: Type.String({ examples: ['Europe/Berlin'] }),
      holidays: Type.Array(Holiday, { description: 'Dates of the coming 30 days on which it is otherwise' }),
    }),
  ),
});

export function publicDevice(offer: Offer): Static<typeof PublicDevice> {
  const { device, location, settings, plans, availability, hours } = offer;
  const { open, opensNext, closesAt } = hours.opening;
  const blocked = blockedBy(offer);
  return {
    name: device.name,
    description: device.description,
    location: location?.name ?? null,
    usagePlans: plans.map((plan) => ({
      id: plan.id,
      name: plan.name,
      description: plan.description,
      duration: plan.duration_minutes,
      delayMinutes: plan.delay_minutes,
      price: plan.price,
      available: blocked === null && plan.unfit === null,
      unavailableReason: blocked ?? plan.unfit,
    })),
    branding: settings.branding,
    currency: settings.currency,
    status: device.status,
    available: blocked === null && (plans.length === 0 || plans.some(({ unfit }) => unfit === null)),
    inUse: offer.inUse !== null,
    open,
    opensAt: open ? null : iso(opensNext),
    closesAt: iso(closesAt),
    openingHours: openingHours(offer),
  };

  function blockedBy({ inUse }: Offer): (typeof reasons)[number] | null {
    if (!open && availability !== 'maintenance') return 'closed';
    if (inUse !== null) return 'in-use';
    return availability === 'ready' ? null : availability;
  }
}

/** Nothing where it is always open and no date differs. */
function openingHours({ hours: { hours, now }, openingHours: weekly }: Offer) {
  if (!hasHours(hours)) return null;
  return {
    ...(shownHours(weekly) ?? { kind: 'always' as const }),
    timeZone: hours.zone,
    holidays: daysFrom(hours, now, 30).flatMap(({ date, holiday, spans }) =>
      holiday === null ? [] : [{ date, name: holiday, closed: spans.length === 0, windows: spans.map(windowOf) }],
    ),
  };
}
