import { createGuestMessages } from '../features/guest-messages/guest-messages.service.ts';
import { createPassFacts } from '../features/passes/pass-facts.service.ts';
import { createSessionFacts } from '../features/sessions/session-facts.service.ts';
import { createTelling } from '../features/wishes/telling.service.ts';
import { createWishes } from '../features/wishes/wishes.service.ts';
import type { Checkout } from './checkout.ts';
import type { Codes } from './codes.ts';
import type { Doors } from './doors.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { Machines } from './machines.ts';
import type { Money } from './money.ts';
import type { Notices } from './notices.ts';
import type { Vendors } from './vendors.ts';

type Given = {
  house: House;
  notices: Notices;
  vendors: Vendors;
  money: Money;
  machines: Machines;
  locks: Locks;
  doors: Doors;
  codes: Codes;
  checkout: Checkout;
};

/** What guests see of their run or their way in, what they wish to be told, and what they write. */
export function composeGuests(ground: Ground, given: Given) {
  const { locations, settings } = given.house;
  const { outbox, notices } = given.notices;
  const { lockHardware } = given.vendors;
  const { payments } = given.money;
  const { devices, plans, relays, sessions } = given.machines;
  const { locks } = given.locks;
  const { doors, passes } = given.doors;
  const { pins } = given.codes;
  const { offers, extensions } = given.checkout;
  const onTop = extensions.offered;
  const facts = createSessionFacts({ devices, locations, payments, settings, sessions, onTop });
  const entrance = { doors, locks, lockHardware, locations, settings };
  const passFacts = createPassFacts({ ...ground, ...entrance, payments, passes, pins });
  const wishes = createWishes({ ...ground, devices, plans, offers, outbox });
  const machine = { devices, plans, locations, relays, sessions, settings };
  const telling = createTelling({ ...ground, ...machine, offers, outbox });
  const guestMessages = createGuestMessages({ ...ground, sessions, facts, notices });
  return { facts, passFacts, wishes, telling, guestMessages } as const;
}

export type Guests = ReturnType<typeof composeGuests>;
