// biome-ignore-all lint/style/noExcessiveLinesPerFile: every part is named here once: the one list that grows with the house
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { cronRoutes } from './apis/hygate/cron.routes.ts';
import { deviceRoutes } from './apis/hygate/devices.routes.ts';
import { doorRoutes } from './apis/hygate/doors.routes.ts';
import { integrationTestRoutes } from './apis/hygate/integration-tests.routes.ts';
import { locationRoutes } from './apis/hygate/locations.routes.ts';
import { paymentRoutes } from './apis/hygate/payments.routes.ts';
import { periodRoutes } from './apis/hygate/periods.routes.ts';
import { publicRoutes } from './apis/hygate/public.routes.ts';
import { publicDoorRoutes } from './apis/hygate/public-door.routes.ts';
import { sessionRoutes } from './apis/hygate/sessions.routes.ts';
import { settingsRoutes } from './apis/hygate/settings.routes.ts';
import { shellyConfigRoutes } from './apis/hygate/shelly-config.routes.ts';
import { stripeConfigRoutes } from './apis/hygate/stripe-config.routes.ts';
import { ttlockConfigRoutes } from './apis/hygate/ttlock-config.routes.ts';
import { shellySockets } from './apis/inbound/shelly-sockets.ts';
import { stripeWebhookRoutes } from './apis/inbound/stripe-webhook.routes.ts';
import { ttlockCallbackRoutes } from './apis/inbound/ttlock-callback.routes.ts';
import { connectionRoutes } from './apis/keystead/connections.routes.ts';
import { emergencyRoutes } from './apis/keystead/emergency.routes.ts';
import { guestsRoutes } from './apis/keystead/guests.routes.ts';
import { lockRoutes } from './apis/keystead/locks.routes.ts';
import { noticeRoutes } from './apis/keystead/notices.routes.ts';
import { openingRoutes } from './apis/keystead/opening.routes.ts';
import { peopleRoutes } from './apis/keystead/people.routes.ts';
import { pinRoutes } from './apis/keystead/pins.routes.ts';
import { timelineRoutes } from './apis/keystead/timeline.routes.ts';
import { unmanagedRoutes } from './apis/keystead/unmanaged.routes.ts';
import { createHub } from './apis/live/hub.ts';
import { sessionEventRoutes } from './apis/live/session-events.routes.ts';
import { staffEventRoutes } from './apis/live/staff-events.routes.ts';
import { loginRoutes } from './apis/login/login.routes.ts';
import type { Config } from './config.ts';
import { proveMasterKey } from './database/master-key-proof.ts';
import { type Database, openDatabase } from './database/open.ts';
import { openDriver, telling as tellingVendors } from './drivers/registry.ts';
import { createAtOnce } from './engine/at-once.ts';
import { createBreakers } from './engine/breaker.ts';
import { createBrokerNotices } from './engine/broker-notices.ts';
import { createClockWatch } from './engine/clock-watch.ts';
import { createDeviceCalls } from './engine/device-calls.ts';
import { createHardware } from './engine/hardware.ts';
import { createHardwareFacts } from './engine/hardware-facts.ts';
import { createHousekeeping } from './engine/housekeeping.ts';
import { createLanes } from './engine/lanes.ts';
import { createLinks } from './engine/links.ts';
import { createLockHardware } from './engine/lock-hardware.ts';
import { createLockHints } from './engine/lock-hints.ts';
import { createLockLists } from './engine/lock-lists.ts';
import { createLockRound } from './engine/lock-round.ts';
import { createMailRound } from './engine/mail-round.ts';
import { createOpenDrivers } from './engine/open-drivers.ts';
import { createPace } from './engine/pace.ts';
import { createPassHints } from './engine/pass-hints.ts';
import { createPassPin } from './engine/pass-pin.ts';
import { createPassRunner } from './engine/pass-runner.ts';
import { createPinReconciler } from './engine/pin-reconciler.ts';
import { createRelayRound } from './engine/relay-round.ts';
import { createRounds } from './engine/rounds.ts';
import { createSessionRunner } from './engine/session-runner.ts';
import { createTasks } from './engine/tasks.ts';
import { createTokenVaults } from './engine/token-vault.ts';
import { createToldRelays } from './engine/told-relays.ts';
import { createWatches, type Watches } from './engine/watches.ts';
import { startWorkers } from './engine/workers.ts';
import { createEmergency } from './features/access/emergency.service.ts';
import { createLockRecords } from './features/access/lock-records.service.ts';
import { createOpening } from './features/access/opening.service.ts';
import { createPlaces } from './features/access/places.service.ts';
import { createAccessEvents } from './features/access-events/access-events.service.ts';
import { createAccounts } from './features/accounts/accounts.service.ts';
import { createLogins } from './features/accounts/logins.service.ts';
import { createAddresses } from './features/addresses/addresses.service.ts';
import { createAudit } from './features/audit/audit.service.ts';
import { createBought } from './features/checkout/bought.service.ts';
import { createCheckout } from './features/checkout/checkout.service.ts';
import { createDoorCheckout } from './features/checkout/door-checkout.service.ts';
import { createDoorOffers } from './features/checkout/door-offer.service.ts';
import { createExtensions } from './features/checkout/extension.service.ts';
import { createFitting } from './features/checkout/extension-fit.service.ts';
import { createExtensionMoney } from './features/checkout/extension-money.service.ts';
import { createIntake } from './features/checkout/intake.service.ts';
import { createMoneyNews } from './features/checkout/money-news.service.ts';
import { createOffers } from './features/checkout/offer.service.ts';
import { createProviderCheckouts } from './features/checkout/provider-checkout.service.ts';
import { createCommands } from './features/commands/commands.service.ts';
import { createLockCommands } from './features/commands/lock-commands.service.ts';
import { createLockLooks } from './features/commands/lock-looks.service.ts';
import { createSwitching } from './features/commands/switching.service.ts';
import { createConnections } from './features/connections/connections.service.ts';
import { createConnectionHardware } from './features/connections/hardware.service.ts';
import { createLockAdding } from './features/connections/lock-adding.service.ts';
import { createLockCallback } from './features/connections/lock-callback.service.ts';
import { createShellyConfig } from './features/connections/shelly-config.service.ts';
import { createStripeConfig } from './features/connections/stripe-config.service.ts';
import { createStripeTest } from './features/connections/stripe-test.service.ts';
import { createTtlockConfig } from './features/connections/ttlock-config.service.ts';
import { createDevices } from './features/devices/devices.service.ts';
import { createPlans } from './features/devices/plans.service.ts';
import { createDoorLocks } from './features/doors/door-locks.service.ts';
import { createDoors } from './features/doors/doors.service.ts';
import { createLockSearch } from './features/doors/lock-search.ts';
import { createPassages } from './features/doors/passages.service.ts';
import { createGuestMessages } from './features/guest-messages/guest-messages.service.ts';
import { createLocations } from './features/locations/locations.service.ts';
import { createLocks } from './features/locks/locks.service.ts';
import { createDelivery } from './features/mail/delivery.service.ts';
import { createLetterFacts } from './features/mail/letter-facts.service.ts';
import { createNoticeMail } from './features/mail/notice-mail.service.ts';
import { createOutbox } from './features/mail/outbox.service.ts';
import { createNotices } from './features/notices/notices.service.ts';
import { createOrganizations } from './features/organizations/organizations.service.ts';
import { createPassFacts } from './features/passes/pass-facts.service.ts';
import { createPassOpening } from './features/passes/pass-opening.service.ts';
import { createPasses } from './features/passes/passes.service.ts';
import { createBooks } from './features/payments/books.service.ts';
import { createCredentialWatch } from './features/payments/credentials.service.ts';
import { createPayments } from './features/payments/payments.service.ts';
import { createRefunds, type ProviderOf } from './features/payments/refunds.service.ts';
import { createPeople } from './features/people/people.service.ts';
import { createCodeKeeping } from './features/pins/code-keeping.service.ts';
import { createPins } from './features/pins/pins.service.ts';
import { createUnmanaged } from './features/pins/unmanaged.service.ts';
import { createZoneOf } from './features/pins/zone-of-lock.ts';
import { createRelays } from './features/relays/relays.service.ts';
import { createSessionFacts } from './features/sessions/session-facts.service.ts';
import { createSessions, type SessionsService } from './features/sessions/sessions.service.ts';
import { createStaffSessions } from './features/sessions/staff-sessions.service.ts';
import { createSettings } from './features/settings/settings.service.ts';
import { createTimeline } from './features/timeline/timeline.service.ts';
import { createTelling } from './features/wishes/telling.service.ts';
import { createWishes } from './features/wishes/wishes.service.ts';
import type { Clock } from './host/clock.ts';
import type { Logger } from './host/log.ts';
import { createLoginTokens } from './host/login-token.ts';
import { createPasswords } from './host/password.ts';
import { createRandom } from './host/random.ts';
import { createSecretBox } from './host/secret-box.ts';
import { createTries } from './host/tries.ts';
import { createVendorHttp } from './host/vendor-http.ts';
import { createCsrf } from './http/csrf.ts';
import { createServer } from './http/server.ts';
import { loadAssets } from './pages/assets.ts';
import { accessRoutes, createDoorPages } from './pages/door.routes.ts';
import { guestRoutes } from './pages/guest.routes.ts';
import { guestMessageRoutes } from './pages/guest-message.routes.ts';
import { createLetterWriter } from './pages/mails/write-letter.ts';
import { pageErrors } from './pages/page-errors.ts';
import { shortCodeRoutes } from './pages/short-code.routes.ts';
import { wishRoutes } from './pages/wish.routes.ts';
import { createSmtpProvider } from './providers/smtp/provider.ts';
import { createStripeProviders } from './providers/stripe/providers.ts';
import { readStripeWebhook } from './providers/stripe/webhook.ts';
import type { DeviceId, DoorId } from './rules/ids.ts';
import { minutes } from './rules/instant.ts';

export type AppOptions = {
  config: Pick<Config, 'publicUrl' | 'trustProxy' | 'cronSecret' | 'stripeBaseUrl'> & Partial<Pick<Config, 'mail'>>;
  connection: pg.ClientConfig;
  masterKey: Buffer;
  clock: Clock;
  log: Logger;
  /** No other process can be on this database: whoever was before is dead. */
  alone?: boolean;
  /** Tests: answers that their schema would cut are errors. */
  checkResponses?: boolean;
};

/**
 * The composition root: the one place where parts meet. Which feature calls which can be read from what each is given;
 * all arrows point upwards in this list. It opens the database that it is told of, and never starts or migrates one.
 */
export async function createApp(o: AppOptions) {
  const { config, connection, clock, log } = o;
  const { publicUrl } = config;
  const https = publicUrl.startsWith('https:');
  const random = createRandom(clock);
  const box = createSecretBox(o.masterKey, random);
  const database = await openDatabase({ connection, clock, log });
  await proveMasterKey(database, box).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const hub = await createHub(database);
  const lanes = createLanes({ connection, clock, log });
  const foundation = { database, clock, random, box };

  const audit = createAudit({ clock, random });
  const organizations = createOrganizations(foundation);
  const passwords = createPasswords();
  const accounts = createAccounts({ ...foundation, passwords, audit, organizations });
  const tokens = createLoginTokens({ secrets: box, clock });
  const logins = createLogins({ ...foundation, passwords, tokens, audit });

  const settings = createSettings({ ...foundation, audit });
  const mailServer = config.mail ?? null;
  const outbox = createOutbox({ ...foundation, on: mailServer !== null });
  const noticeMail = createNoticeMail({ clock, outbox, settings });
  const notices = createNotices({ ...foundation, audit, noticeMail });
  const locations = createLocations({ ...foundation, audit, settings });
  const connections = createConnections({ ...foundation, audit, notices });
  const stripeConfig = createStripeConfig({ ...foundation, audit });

  const pace = createPace({ ...foundation, log });
  const driverDeps = { http: createVendorHttp({ clock }), clock, random: random.bytes, pace };
  const breakers = createBreakers({ clock, log, chance: random.chance });
  const drivers = createOpenDrivers({
    connections,
    openDriver,
    driverDeps,
    vaultOf: createTokenVaults({ ...foundation, lanes, log }),
    log,
    told: (whose, one) => watches.told(whose, one), // made below, before anything opens
    changed: breakers.forget,
  });
  const links = createLinks({ database, clock });
  const calls = createDeviceCalls({ database, clock, random: random.bytes, hear: hub.on });
  const hardware = createHardware({ clock, log, breakers, drivers, links, calls });
  const lockLists = createLockLists({ clock, drivers });
  const relays = createRelays({ ...foundation, hardware, notices });
  const providers = createStripeProviders({ baseUrl: config.stripeBaseUrl, clock });
  const anyProviderOf: ProviderOf = async (id) => providers.withKey((await stripeConfig.keys(id)).secretKey);
  const credentials = createCredentialWatch({ ...foundation, notices, providerOf: anyProviderOf });
  const providerOf = credentials.watched;
  const paymentsReady = async (id: Parameters<ProviderOf>[0]) => (await stripeConfig.keys(id)).secretKey !== null;

  const atOnce = createAtOnce();
  const books = createBooks({ ...foundation, notices });
  const payments = createPayments({ ...foundation, books, outbox });
  const refunds = createRefunds({ ...foundation, lanes, payments, books, notices, providerOf });
  const sessions: SessionsService = createSessions({ ...foundation, audit, payments, notices, outbox, atOnce });
  const inUse: Parameters<typeof createDevices>[0]['inUse'] = async (db, organizationId, id) =>
    (await sessions.liveOn(organizationId, id, db)) !== null;
  const addresses = createAddresses(foundation);
  const devices = createDevices({ ...foundation, audit, locations, connections, hardware, relays, addresses, inUse });
  const plans = createPlans({ ...foundation, audit, settings });
  const connectionHardware = createConnectionHardware({
    ...foundation,
    audit,
    connections,
    devices,
    hardware,
    lockLists,
    publicUrl,
  });
  const ttlockConfig = createTtlockConfig({ ...foundation, audit, connections, lockLists });
  const shellyConfig = createShellyConfig({ ...foundation, audit, connections, hardware });
  const stripeTest = createStripeTest({ ...foundation, audit, stripeConfig, withKey: providers.candidate });
  const commands = createCommands({ ...foundation, connections, hardware, relays });
  const switching = createSwitching({ ...foundation, lanes, audit, devices, relays, sessions, commands });
  const lockHardware = createLockHardware({ clock, log, breakers, drivers, lists: lockLists });
  const accessEvents = createAccessEvents(foundation);
  const locks = createLocks({ ...foundation, audit, notices });
  const lockCommands = createLockCommands({ ...foundation, lanes, locks, lockHardware });
  const lockLooks = createLockLooks({ database, clock, lanes, locks, lockCommands, lockHardware });
  const lockAdding = createLockAdding({ database, connections, locks, lockHardware });
  const places = createPlaces({ database, locks });
  const opening = createOpening({ database, clock, places, locks, lockCommands, accessEvents });
  const entering = { database, clock, log, audit, locations, places, locks, lockCommands, opening };
  const emergency = createEmergency(entering);
  const lockCallback = createLockCallback({ box, publicUrl });
  const people = createPeople({ ...foundation, audit });
  const lockHints = createLockHints();
  const coding = { ...foundation, audit, locks, notices, people, lockHints };
  const zoneOf = createZoneOf({ places, locations, settings });
  const pins = createPins({ ...coding, zoneOf });
  const unmanaged = createUnmanaged(coding);
  const passHints = createPassHints();
  const passes = createPasses({ ...foundation, payments, hurry: passHints.hurry });
  const keeping = createCodeKeeping({ ...coding, unmanaged, zoneOf, issuedOn: passes.issuedOn });
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
  const lockRecords = createLockRecords({ ...entering, accessEvents, witnesses: [pins.used] });
  const lockRound = createLockRound({
    ...entering,
    chance: random.chance,
    lanes,
    lockHardware,
    lockLooks,
    lockRecords,
    emergency,
  });
  const findLock = createLockSearch({ database, connections, lockLists, locks });
  const keepingDoors = { ...foundation, audit, locations, settings, addresses, findLock };
  const doors = createDoors({ ...keepingDoors, inUse: passes.inUse });
  const locksOfDoors = createDoorLocks({ database, connections, locks });
  const passages = createPassages({ database, clock, doors, places, locks, lockCommands });
  const bought = createBought({ devices, doors, sessions, passes });
  const selling = {
    ...foundation,
    doors,
    passes,
    bought,
    devices,
    plans,
    locations,
    relays,
    sessions,
    payments,
    settings,
    notices,
  };
  const offers = createOffers({ ...selling, paymentsReady });
  const providerCheckouts = createProviderCheckouts({ ...selling, publicUrl, ownReceipts: outbox.on });
  const fitting = createFitting(selling);
  const paying = { ...selling, publicUrl, providerOf, providerCheckouts };
  const checkout = createCheckout({ ...paying, offers });
  const entrances = { ...selling, places, locks, lockLooks, lockHardware };
  const doorOffers = createDoorOffers({ ...entrances, paymentsReady });
  const doorCheckout = createDoorCheckout({ ...paying, doorOffers });
  const passFacts = createPassFacts({ ...entrances, pins });
  const passOpening = createPassOpening({ clock, places, opening, passes });
  const extensions = createExtensions({ ...paying, fitting });
  const facts = createSessionFacts({ ...selling, onTop: extensions.offered });
  const extensionMoney = createExtensionMoney({ ...selling, fitting });
  const moneyNews = createMoneyNews({ ...selling, books, extensionMoney, providerOf });
  const intake = createIntake({ ...selling, moneyNews, extensionMoney, providerOf });

  const timeline = createTimeline({ database, audit, commands, relays, sessions, payments, notices });
  const wishes = createWishes({ ...selling, offers, outbox });
  const telling = createTelling({ ...selling, offers, outbox });
  const guestMessages = createGuestMessages({ ...foundation, sessions, facts, notices });

  const running = { ...foundation, lanes, hardware, devices, relays, sessions, commands };
  const runner = createSessionRunner(running);
  const relayRound = createRelayRound({ ...running, hardwareFacts: createHardwareFacts(running), log });
  const toldRelays = createToldRelays({ database, clock, log, devices, relays, sessions, look: relayRound.look });
  const watches: Watches = createWatches({
    clock,
    log,
    connections,
    drivers,
    hardware,
    breakers,
    links,
    calls,
    brokers: createBrokerNotices({ database, clock, connections, notices }),
    relays: toldRelays,
    hear: hub.on,
    tells: (vendor) => tellingVendors.has(vendor),
  });
  const letterFacts = createLetterFacts({ ...selling, facts, passFacts, telling });
  const writing = { ...foundation, log, lanes, notices, letterFacts, write: createLetterWriter({ publicUrl }) };
  const delivery =
    mailServer === null
      ? null
      : createDelivery({ ...writing, provider: createSmtpProvider({ server: mailServer, clock }) });
  const mails = createMailRound({ clock, log, delivery });
  const housekeeping = createHousekeeping({ ...foundation, logins, payments, relays, outbox, wishes });
  const clockWatch = createClockWatch({ database, clock, log });
  const engine = {
    database,
    clock,
    log,
    atOnce,
    sessions,
    runner,
    intake,
    moneyNews,
    refunds,
    relayRound,
    telling,
    housekeeping,
  };
  const passPin = createPassPin({ database, clock, locks, passes, pins });
  const passRunner = createPassRunner({ ...entrances, lanes, lockCommands, passPin });
  const rounds = createRounds({ ...engine, passes, passHints, passRunner, passages });
  const carryOut = (organizationId: Parameters<typeof runner.run>[0], id: Parameters<typeof runner.run>[1]) =>
    runner.run(organizationId, id);
  const staffSessions = createStaffSessions({ database, audit, devices, sessions, payments, carryOut });

  const uidOf: Parameters<typeof shortCodeRoutes>[1]['uidOf'] = async (organizationId, target) => {
    const [kind, id = ''] = target.split(':');
    if (kind === 'door') return (await doors.any(organizationId, id as DoorId))?.uid ?? null;
    return (await devices.any(organizationId, id as DeviceId))?.uid ?? null;
  };
  const guesses = {
    ofOne: createTries({ most: 20, withinMs: minutes(10) }),
    ofAll: createTries({ most: 1000, withinMs: minutes(10) }),
  };
  const passageNow = (door: Parameters<typeof passages.tell>[0]) => passages.tell(door, 'people');
  const assets = await loadAssets();
  const csrf = createCsrf({ secrets: box, random, secure: https });
  const server = await createServer({
    config,
    clock,
    random,
    log,
    csrf,
    authenticate: logins.authenticate,
    ready: [{ name: 'database', check: () => reachable(database) }],
    warnings: [{ name: 'clock', warning: clockWatch.warning }],
    pageError: pageErrors({ assets, clock, random }),
    ...(o.checkResponses === undefined ? {} : { checkResponses: o.checkResponses }),
  });
  const slugOf = async (id: string) =>
    (await organizations.byId(id as Parameters<typeof organizations.byId>[0]))?.slug ?? '';
  const common = { clock, random, publicUrl, secure: https, https, log, hub };
  routes(server);

  function routes(app: FastifyInstance): void {
    loginRoutes(app, { ...common, logins, accounts, organizations, csrf });
    locationRoutes(app, { ...common, locations });
    deviceRoutes(app, { ...common, devices, relays, sessions, switching, addresses });
    doorRoutes(app, { ...common, doors, addresses, locksOf: locksOfDoors, passageNow });
    publicDoorRoutes(app, { ...common, doorOffers, doorCheckout, passFacts, passOpening, intake });
    periodRoutes(app, { plans });
    publicRoutes(app, { ...common, offers, checkout, extensions, intake, facts, settings, organizations });
    sessionRoutes(app, { ...common, staffSessions, facts, guestMessages });
    paymentRoutes(app, { ...common, payments });
    settingsRoutes(app, { settings });
    stripeConfigRoutes(app, { ...common, stripeConfig, slugOf });
    shellyConfigRoutes(app, { shellyConfig });
    ttlockConfigRoutes(app, { ttlockConfig });
    integrationTestRoutes(app, { shellyConfig, ttlockConfig, stripeTest });
    cronRoutes(app, { cron: rounds.cron });
    stripeWebhookRoutes(app, { ...common, intake, stripeConfig, organizations, readWebhook: readStripeWebhook });
    ttlockCallbackRoutes(app, { lockCallback, locks, hint: lockRound.hint, read: lockHardware.told });
    shellySockets(app, { clock, connections, accept: hardware.accept, isOpen: watches.isOpen });
    connectionRoutes(app, { ...common, lockCallback, connections, connectionHardware });
    lockRoutes(app, { ...common, locks, lockLooks, lockAdding });
    openingRoutes(app, { ...common, opening, locks, lockCommands });
    emergencyRoutes(app, { emergency });
    pinRoutes(app, { ...common, pins, locks, zoneOf });
    unmanagedRoutes(app, { ...common, unmanaged, locks, zoneOf });
    peopleRoutes(app, { ...common, people });
    noticeRoutes(app, { ...common, notices });
    timelineRoutes(app, { ...common, devices, timeline });
    sessionEventRoutes(app, { ...common, facts });
    staffEventRoutes(app, { ...common, notices, authenticate: logins.authenticate });
    guestsRoutes(app, { ...common, wishes, guestMessages });
    const showing = { ...common, facts, assets, wishes, guestMessages, mailOn: outbox.on };
    const entering = { ...showing, doorOffers, doorCheckout, passes, passFacts, passOpening, intake };
    const isDoor = async (uid: string) => (await doors.byUid(uid)) !== null;
    const doorPages = createDoorPages(entering);
    guestRoutes(app, { ...showing, offers, checkout, extensions, intake, sessions, doorPages, isDoor });
    accessRoutes(app, entering);
    wishRoutes(app, { ...showing, offers, settings });
    guestMessageRoutes(app, showing);
    shortCodeRoutes(app, { ...common, addresses, uidOf, guesses });
  }

  /** Starts the engine in this process; without it the server answers, and others do the work. */
  async function startEngine() {
    if (o.alone === true) await Promise.all([commands.ofTheDead(), lockCommands.ofTheDead()]);
    if (delivery === null) log.info({}, 'Mail is off: SMTP_URL and MAIL_FROM are not set.');
    await housekeeping.round();
    const tasks = createTasks({ intake, refunds, credentials, mails });
    const workers = await startWorkers({ connection, tasks, concurrency: 20, log, clock });
    const watching = watches.start(workers.id);
    const clockwork = rounds.start();
    const post = mails.start();
    const clocks = clockWatch.start();
    const lockWork = lockRound.start();
    const codeWork = pinReconciler.start();
    return {
      lost: workers.lost,
      async stop() {
        await Promise.all([
          clockwork.stop().then(workers.stop),
          post.stop(),
          clocks.stop(),
          lockWork.stop(),
          codeWork.stop(),
        ]);
        await watching.stop();
      },
    };
  }

  async function close(): Promise<void> {
    await server.close();
    await drivers.close();
    await hub.close();
    await lanes.close();
    await database.close();
  }

  const services = {
    organizations,
    accounts,
    logins,
    audit,
    settings,
    locations,
    connections,
    stripeConfig,
    devices,
    doors,
    addresses,
    passes,
    passFacts,
    doorCheckout,
    plans,
    sessions,
    staffSessions,
    payments,
    books,
    refunds,
    intake,
    moneyNews,
    checkout,
    extensions,
    notices,
    relays,
    commands,
    outbox,
    hardware,
    wishes,
    telling,
    guestMessages,
    lockHardware,
    locks,
    lockCommands,
    lockLooks,
    accessEvents,
    places,
    opening,
    emergency,
    people,
    pins,
    unmanaged,
  };
  return {
    server,
    database,
    services,
    rounds,
    lockRound,
    pinReconciler,
    runner,
    passRunner,
    clockWatch,
    startEngine,
    close,
  };
}

export type App = Awaited<ReturnType<typeof createApp>>;

async function reachable(database: Database): Promise<string | null> {
  try {
    await database.pool.query('select 1');
    return null;
  } catch {
    return 'the database does not answer';
  }
}
