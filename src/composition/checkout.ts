import { createBought } from '../features/checkout/bought.service.ts';
import { createCheckout } from '../features/checkout/checkout.service.ts';
import { createDoorCheckout } from '../features/checkout/door-checkout.service.ts';
import { createDoorOffers } from '../features/checkout/door-offer.service.ts';
import { createExtensions } from '../features/checkout/extension.service.ts';
import { createFitting } from '../features/checkout/extension-fit.service.ts';
import { createExtensionMoney } from '../features/checkout/extension-money.service.ts';
import { createIntake } from '../features/checkout/intake.service.ts';
import { createMoneyNews } from '../features/checkout/money-news.service.ts';
import { createOffers } from '../features/checkout/offer.service.ts';
import { createProviderCheckouts } from '../features/checkout/provider-checkout.service.ts';
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
};

/** Where things and money meet: what is offered, what is bought, and what the money brings when it comes. */
export function composeCheckout(ground: Ground, given: Given) {
  const { locations, settings } = given.house;
  const { outbox, notices } = given.notices;
  const { lockHardware } = given.vendors;
  const { payments, books, providerOf, paymentsReady } = given.money;
  const { devices, plans, relays, sessions } = given.machines;
  const { locks, places } = given.locks;
  const { doors, passes } = given.doors;
  const bought = createBought({ devices, doors, sessions, passes });
  const providerCheckouts = createProviderCheckouts({
    ...ground,
    devices,
    doors,
    bought,
    payments,
    ownReceipts: outbox.on,
  });
  const paying = { ...ground, payments, providerOf, providerCheckouts };

  const machine = { devices, plans, locations, settings, sessions };
  const offers = createOffers({ ...ground, ...machine, relays, payments, paymentsReady });
  const checkout = createCheckout({ ...paying, ...machine, offers });
  const fitting = createFitting({ locations, settings });
  const extensions = createExtensions({ ...paying, ...machine, fitting });
  const extensionMoney = createExtensionMoney({ devices, fitting, sessions, payments });

  const entrance = { doors, places, locks, lockHardware, locations, settings };
  const doorOffers = createDoorOffers({ ...ground, ...entrance, paymentsReady });
  const doorCheckout = createDoorCheckout({ ...paying, doors, passes, doorOffers });

  const moneyNews = createMoneyNews({ ...ground, bought, payments, books, extensionMoney, providerOf });
  const taking = { payments, moneyNews, bought, extensionMoney, providerOf };
  const intake = createIntake({ ...ground, ...taking, devices, sessions, notices });
  return { offers, checkout, extensions, doorOffers, doorCheckout, moneyNews, intake } as const;
}

export type Checkout = ReturnType<typeof composeCheckout>;
