import { createHash, randomBytes } from 'node:crypto';
import { startTtlock, type TtlockSimulator } from '../../../../simulators/ttlock/start.ts';
import { createMemoryVault } from '../../../engine/memory-vault.ts';
import { type Clock, systemClock } from '../../../host/clock.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import { minutes } from '../../../rules/instant.ts';
import { type LockRig, type LockRigMaker, type LockTruth, type Prepared, pins } from '../../contract/lock-rig.ts';
import type { Gave, LockCommand, LockDriver, LockRef } from '../../lock-port.ts';
import { openDriver } from '../../registry.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A driver signed in to nothing yet. */
export async function ttlockDriver(simulator: TtlockSimulator, clock: Clock): Promise<LockDriver> {
  const { clientId, clientSecret, username, password } = simulator.account;
  const config = { server: simulator.url, clientId, clientSecret, username, passwordMd5: md5(password) };
  const deps = { http: createVendorHttp({ clock }), clock, random: randomBytes, vault: createMemoryVault(clock) };
  const { locks } = await openDriver('ttlock', config, deps);
  if (locks === undefined) throw new Error('a driver of locks without locks');
  return locks;
}

/** The errcode that stands for the platform's own way of saying no. */
const noRight = -2018;

/** The platform, a gateway, and a lock with keypad and camera behind it. */
export const ttlockRig: LockRigMaker = {
  name: 'ttlock, the open platform',
  instead: {
    'credentials-expired': 'the access token, and where signing in is struck, too, the password',
    'error-body': `status 200 with errcode ${noRight}`,
    'lying-ok': 'of what is written, the receipt of the platform is all that there is: it is taken for true',
    offline: 'the gateway; what needs none goes on',
    'another-device': 'the account has this lock no more',
  },
  start: async (clock): Promise<LockRig> => {
    const simulator = await startTtlock({
      stateDir: null,
      airMs: 5,
      gateways: [{ name: 'Hall' }],
      locks: [{ name: 'Front', gateway: 'Hall', autoLockSeconds: 0, drainPerTurn: 1 }],
    });
    const [lockId = 0] = simulator.locks().map((lock) => lock.lockId);
    const [gatewayId = 0] = simulator.gateways().map((gateway) => gateway.gatewayId);
    const ref = { hardwareId: String(lockId) };
    // a third of the time for an answer: what a call has in a trial is enough for a lost one and a look
    const deadline = (ms: number, signal?: AbortSignal) => clock.deadline(Math.ceil(ms / 6), signal);
    const locks = await ttlockDriver(simulator, { ...clock, deadline });
    const ofOther = await ttlockDriver(simulator, systemClock);
    let prepared: number[] = [];

    return {
      locks,
      ref,
      onlyTaken: ['revoke-qr'],
      // signing in, the call, and a look after it; a token that is worth nothing costs two more
      most: { list: 5, observe: 3, perform: 5, read: 3 },
      secrets: secretsOf(simulator),
      fault(fault, where) {
        simulator.setGateway(gatewayId, { online: fault !== 'offline' });
        simulator.trouble(fault === null || fault === 'offline' ? null : { kind: fault, where, errcode: noRight });
      },
      async prepare(what) {
        const reference = await prepare(ofOther, ref, what);
        if (what === 'entry') simulator.press(lockId, pins.before);
        prepared = simulator.qrCodes(lockId);
        return reference;
      },
      truth: () => truthOf(simulator, lockId, prepared),
      outside(bolt) {
        if (simulator.lock(lockId).locked !== (bolt === 'locked')) simulator.turnByHand(lockId);
      },
      opensBy: (way) => opensBy(simulator, lockId, way),
      requests: () => {
        const { all, switching } = simulator.heard();
        return { all, acting: switching };
      },
      settled: () => simulator.settled(),
      stop: () => simulator.close(),
    };
  },
};

async function prepare(locks: LockDriver, ref: LockRef, what: Prepared): Promise<string> {
  const now = systemClock.now();
  const window = { from: now - minutes(10), until: now + minutes(50) };
  const command: LockCommand =
    what === 'qr'
      ? { kind: 'issue-qr', window, name: 'before' }
      : { kind: 'set-pin', pin: pins.before, slot: null, window, name: 'before' };
  const outcome = await locks.perform(ref, command, systemClock.deadline(10_000));
  if (outcome.kind !== 'confirmed') throw new Error(`what the trial needs cannot be prepared: ${outcome.kind}`);
  return outcome.gave?.reference ?? '';
}

function truthOf(simulator: TtlockSimulator, lockId: number, prepared: readonly number[]): LockTruth {
  const counts = simulator.counts(lockId);
  const qrs = simulator.qrCodes(lockId);
  const { locked, battery } = simulator.lock(lockId);
  return {
    bolt: locked ? 'locked' : 'unlocked',
    battery: Math.round(battery),
    did: {
      unlock: counts.remoteOpens,
      lock: counts.remoteLocks,
      'set-pin': counts.codeWrites,
      'change-pin': counts.codeChanges,
      'clear-pin': counts.codeDeletes,
      'issue-code': simulator.onLock(lockId).random.filter(({ state }) => state !== 'strange').length,
      'issue-qr': qrs.filter((qr) => !prepared.includes(qr)).length,
      'revoke-qr': prepared.filter((qr) => !qrs.includes(qr)).length,
      passage: counts.passageWrites,
    },
  };
}

function opensBy(simulator: TtlockSimulator, lockId: number, way: { pin: string } | Gave): boolean {
  if ('pin' in way) return simulator.press(lockId, way.pin).opened;
  if (way.code !== undefined) return simulator.press(lockId, way.code).opened;
  return simulator.scan(lockId, way.qr?.content ?? '').opened;
}

/** Tokens are made as the simulator makes them, one after the other. */
function secretsOf({ account }: TtlockSimulator): string[] {
  const tokens = [1, 2, 3, 4, 5, 6].flatMap((n) => ['access', 'refresh'].map((kind) => md5(`keystead ${kind} ${n}`)));
  return [account.clientSecret, account.password, md5(account.password), ...tokens];
}
