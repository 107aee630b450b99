import { telling as tellingVendors } from '../drivers/registry.ts';
import { createBrokerNotices } from '../engine/broker-notices.ts';
import { createClockWatch } from '../engine/clock-watch.ts';
import { createHardwareFacts } from '../engine/hardware-facts.ts';
import { createHousekeeping } from '../engine/housekeeping.ts';
import { createLockRound } from '../engine/lock-round.ts';
import { createPassPin } from '../engine/pass-pin.ts';
import { createPassRunner } from '../engine/pass-runner.ts';
import { createPinReconciler } from '../engine/pin-reconciler.ts';
import { createRelayRound } from '../engine/relay-round.ts';
import { createRounds } from '../engine/rounds.ts';
import { createTasks } from '../engine/tasks.ts';
import { createToldRelays } from '../engine/told-relays.ts';
import { createWatches } from '../engine/watches.ts';
import { createLockRecords } from '../features/access/lock-records.service.ts';
import type { Checkout } from './checkout.ts';
import type { Codes } from './codes.ts';
import type { Doors } from './doors.ts';
import type { Ground } from './ground.ts';
import type { Guests } from './guests.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { Machines } from './machines.ts';
import type { Mail } from './mail.ts';
import type { Money } from './money.ts';
import type { Notices } from './notices.ts';
import type { Partners } from './partners.ts';
import type { Vendors } from './vendors.ts';

type Given = {
  house: House;
  notices: Notices;
  partners: Partners;
  vendors: Vendors;
  money: Money;
  machines: Machines;
  locks: Locks;
  doors: Doors;
  codes: Codes;
  checkout: Checkout;
  guests: Guests;
  mail: Mail;
};

/** What works without a request. Nothing of it runs before it is started. */
export function composeEngine(ground: Ground, given: Given) {
  const { clock, random, log, hub } = ground;
  const { limits, logins, locations } = given.house;
  const { outbox, notices } = given.notices;
  const { connections, drivers, breakers, links, calls, hardware, lockHardware } = given.vendors;
  const { payments, refunds, credentials } = given.money;
  const { atOnce, devices, relays, sessions, commands, runner } = given.machines;
  const { locks, lockCommands, lockLooks, places, accessEvents, emergency } = given.locks;
  const { doors, passes, passHints, passUse, passages } = given.doors;
  const { pins, keeping, lockHints } = given.codes;
  const { intake, moneyNews } = given.checkout;
  const { wishes, telling } = given.guests;
  const { grants, signInCodes, consent } = given.partners;
  const { mails } = given.mail;

  const hardwareFacts = createHardwareFacts({ ...ground, hardware, relays });
  const relayRound = createRelayRound({ ...ground, hardware, devices, relays, sessions, commands, hardwareFacts });
  const toldRelays = createToldRelays({ ...ground, devices, relays, sessions, look: relayRound.look });
  const watches = createWatches({
    clock,
    log,
    connections,
    drivers,
    hardware,
    breakers,
    links,
    calls,
    brokers: createBrokerNotices({ ...ground, connections, notices }),
    relays: toldRelays,
    hear: hub.on,
    tells: (vendor) => tellingVendors.has(vendor),
  });

  const lockRecords = createLockRecords({
    ...ground,
    locks,
    places,
    lockCommands,
    accessEvents,
    witnesses: [pins.used, passUse],
    cameIn: async (tx, organizationId, id, at) => {
      await passes.step(tx, organizationId, id, { kind: 'opened', at });
    },
  });
  const looking = { locks, lockLooks, lockCommands, lockHardware, lockRecords, emergency };
  const lockRound = createLockRound({ ...ground, ...looking, chance: random.chance });
  const pinReconciler = createPinReconciler({
    clock,
    log,
    locks,
    pins,
    keeping,
    lockCommands,
    lockHardware,
    lockHints,
  });
  const passPin = createPassPin({ ...ground, locks, passes, pins, places });
  const ways = { locks, lockCommands, lockHardware, locations, places, doors, passes, passPin };
  const passRunner = createPassRunner({ ...ground, ...ways });

  const housekeeping = createHousekeeping({
    ...ground,
    limits,
    logins,
    payments,
    relays,
    outbox,
    wishes,
    grants,
    signInCodes,
    consent,
  });
  const money = { intake, moneyNews, refunds };
  const running = { atOnce, sessions, runner, relayRound };
  const passing = { passes, passHints, passRunner, passages };
  const rounds = createRounds({ ...ground, ...money, ...running, ...passing, telling, housekeeping });
  const tasks = createTasks({ intake, refunds, credentials, mails });
  const clockWatch = createClockWatch(ground);
  return { watches, lockRound, pinReconciler, passRunner, housekeeping, rounds, tasks, clockWatch } as const;
}

export type Engine = ReturnType<typeof composeEngine>;
