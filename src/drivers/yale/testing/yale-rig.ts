import { randomBytes } from 'node:crypto';
import { startYale, type YaleSimulator } from '../../../../simulators/yale/start.ts';
import { createMemoryVault } from '../../../engine/memory-vault.ts';
import { type Clock, systemClock } from '../../../host/clock.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import { minutes } from '../../../rules/instant.ts';
import { type LockRig, type LockRigMaker, type LockTruth, pins } from '../../contract/lock-rig.ts';
import type { LockDriver, LockRef } from '../../lock-port.ts';
import type { Driver } from '../../port.ts';
import { openDriver } from '../../registry.ts';

type Way = 'password' | 'oauth' | { installId: string };

/** An account there, as a connection keeps it. `password`: by an installation that was told its code already. */
export function accountAt(simulator: YaleSimulator, way: Way, family: 'august' | 'yale' = 'yale') {
  const { email, password, apiKey, clientId, clientSecret } = simulator.account;
  const login =
    way === 'oauth'
      ? { kind: 'oauth', clientId, clientSecret, refreshToken: simulator.consent() }
      : {
          kind: 'password',
          identifier: `email:${email}`,
          password,
          installId: typeof way === 'string' ? simulator.trustedInstall() : way.installId,
        };
  return { family, server: simulator.url, oauthServer: simulator.url, apiKey, login };
}

/** A driver signed in to nothing yet. */
export const yaleDriver = (config: unknown, clock: Clock): Promise<Driver> =>
  openDriver('yale', config, {
    http: createVendorHttp({ clock }),
    clock,
    random: randomBytes,
    vault: createMemoryVault(clock),
  });

export function locksOf({ locks }: Driver): LockDriver {
  if (locks === undefined) throw new Error('a driver of locks without locks');
  return locks;
}

/** The cloud, a bridge, and a lock with a keypad behind it. */
export const yaleRig: LockRigMaker = {
  name: 'yale, the cloud of Yale and August',
  instead: {
    'credentials-expired': 'the access token, and where signing in is struck, too, the password',
    'error-body': 'status 200 with an object of code and message',
    'lying-ok': 'what was taken and never comes to the lock is in doubt',
    offline: 'the bridge',
    'another-device': 'the account has this lock no more',
  },
  start: async (clock): Promise<LockRig> => {
    const simulator = await startYale({
      airMs: 5,
      bridges: [{ name: 'Hall' }],
      locks: [{ name: 'Front', bridge: 'Hall', drainPerTurn: 1 }],
    });
    const id = simulator.idOf('Front');
    const [bridgeId = ''] = simulator.bridges().map((bridge) => bridge.bridgeId);
    const ref = { hardwareId: id };
    // a third of the time for an answer: what a call has in a trial is enough for a lost one and a look
    const deadline = (ms: number, signal?: AbortSignal) => clock.deadline(Math.ceil(ms / 5), signal);
    const locks = locksOf(await yaleDriver(accountAt(simulator, 'password'), { ...clock, deadline }));
    const ofOther = locksOf(await yaleDriver(accountAt(simulator, 'password', 'august'), systemClock));

    return {
      locks,
      ref,
      onlyTaken: [],
      never: ['issue-code', 'issue-qr', 'revoke-qr', 'passage'],
      // signing in, the bridge, the codes before, the order, and looks after it; a token that is worth nothing costs two more
      most: { list: 5, observe: 4, perform: 10, read: 5 },
      get secrets() {
        return [simulator.account.password, simulator.account.apiKey, ...simulator.secrets()];
      },
      fault(fault, where) {
        simulator.setBridge(bridgeId, { online: fault !== 'offline' });
        simulator.trouble(fault === null || fault === 'offline' ? null : { kind: fault, where });
      },
      async prepare(what) {
        if (what === 'qr') return '';
        const reference = await prepare(ofOther, ref);
        if (what === 'entry') simulator.press(id, pins.before);
        return reference;
      },
      truth: () => truthOf(simulator, id),
      outside(bolt) {
        if (simulator.lock(id).locked !== (bolt === 'locked')) simulator.turnByHand(id);
      },
      opensBy: (way) => 'pin' in way && simulator.press(id, way.pin).opened,
      requests: () => {
        const { all, switching } = simulator.heard();
        return { all, acting: switching };
      },
      settled: () => simulator.settled(),
      stop: () => simulator.close(),
    };
  },
};

async function prepare(locks: LockDriver, ref: LockRef): Promise<string> {
  const now = systemClock.now();
  const window = { from: now - minutes(10), until: now + minutes(50) };
  const command = { kind: 'set-pin', pin: pins.before, slot: null, window, name: 'before' } as const;
  const outcome = await locks.perform(ref, command, systemClock.deadline(10_000));
  if (outcome.kind !== 'confirmed') throw new Error(`what the trial needs cannot be prepared: ${outcome.kind}`);
  return outcome.gave?.reference ?? '';
}

function truthOf(simulator: YaleSimulator, id: string): LockTruth {
  const counts = simulator.counts(id);
  const { locked, battery } = simulator.lock(id);
  return {
    bolt: locked ? 'locked' : 'unlocked',
    battery: Math.round(battery),
    did: {
      unlock: counts.remoteUnlocks,
      lock: counts.remoteLocks,
      'set-pin': counts.pinLoads,
      'change-pin': counts.pinUpdates,
      'clear-pin': counts.pinDeletes,
      'issue-code': 0,
      'issue-qr': 0,
      'revoke-qr': 0,
      passage: 0,
    },
  };
}
