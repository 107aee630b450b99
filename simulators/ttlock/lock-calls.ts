/** Locks: what the account has, what they are, and what they are told. */
import { type Call, command, done, refuseFrozen } from './call.ts';
import { lockOf } from './cloud.ts';
import { Refusal } from './errors.ts';
import { paged } from './form.ts';
import type { Lock } from './lock.ts';

/** Bits of the feature value, in hex. https://euopen.ttlock.com/document/doc?urlName=cloud/lock/featureValueEn.html */
const featureBits = { passcode: 0n, lockRemotely: 8n, unlockRemotely: 10n, passage: 22n, qrCode: 44n, wifi: 56n };

function featuresOf({ data, has }: Lock): string {
  const bits = [
    ...(data.hasKeypad ? [featureBits.passcode] : []),
    featureBits.lockRemotely,
    ...(has('no-remote') ? [] : [featureBits.unlockRemotely]),
    featureBits.passage,
    ...(data.hasCamera ? [featureBits.qrCode] : []),
    ...(data.reach === 'wifi' ? [featureBits.wifi] : []),
  ];
  return bits
    .reduce((sum, bit) => sum | (1n << bit), 0n)
    .toString(16)
    .toUpperCase();
}

function summaryOf(lock: Lock) {
  const { data } = lock;
  return {
    lockId: data.lockId,
    lockName: data.bluetoothName,
    lockAlias: data.name,
    lockMac: data.mac,
    electricQuantity: data.cloud.battery,
    featureValue: featuresOf(lock),
    hasGateway: data.gatewayId !== null && !lock.has('out-of-range') ? 1 : 0,
    lockData: `simulated-${data.lockId}`,
    date: data.initializedAt,
  };
}

function detailOf(lock: Lock) {
  const { data } = lock;
  return {
    ...summaryOf(lock),
    keyboardPwdVersion: data.hasKeypad ? 4 : 0,
    specialValue: 894_227_955,
    timezoneRawOffset: data.zoneOffsetMs,
    modelNum: data.reach === 'wifi' ? 'SN480_WIFI' : 'SN9206_PV53',
    hardwareRevision: '1.6',
    firmwareRevision: '6.0.6.210622',
    autoLockTime: data.autoLockSeconds === 0 ? -1 : data.autoLockSeconds,
    lockSound: 1,
    privacyLock: 2,
    tamperAlert: 2,
    resetButton: 1,
    openDirection: 0,
    passageMode: data.cloud.passage.on ? 1 : 2,
    passageModeAutoUnlock: data.cloud.passage.autoUnlock ? 1 : 2,
    isFrozen: lock.has('frozen') ? 1 : 2,
    lockVersion: { groupId: 10, protocolVersion: 3, protocolType: 5, orgId: 34, scene: 2 },
  };
}

export const lockCalls: Record<string, Call> = {
  '/v3/lock/list': {
    does: 'looking',
    run(form, { cloud, trouble }) {
      const page = form.page(1000);
      const alias = form.text('lockAlias')?.toLowerCase() ?? '';
      const own = trouble === 'another-device' ? [] : [...cloud.locks.values()];
      const found = own.filter(({ data }) => data.rights === 'admin' && data.name.toLowerCase().includes(alias));
      return paged(found.map(summaryOf), page);
    },
  },
  '/v3/lock/detail': {
    does: 'looking',
    run: (form, { cloud }) => detailOf(lockOf(cloud, form.whole('lockId'), 'admin')),
  },
  '/v3/lock/unlock': {
    does: 'switching',
    async run(form, context) {
      const lock = lockOf(context.cloud, form.whole('lockId'), 'ekey');
      refuseFrozen(lock);
      if (lock.has('no-remote')) throw new Refusal(-3046);
      await command(context, lock, lock.remoteOpen, lock.turnByHand);
      return done();
    },
  },
  '/v3/lock/lock': {
    does: 'switching',
    async run(form, context) {
      const lock = lockOf(context.cloud, form.whole('lockId'), 'ekey');
      refuseFrozen(lock);
      await command(context, lock, lock.remoteLock, lock.turnByHand);
      return done();
    },
  },
  '/v3/lock/queryOpenState': {
    does: 'looking',
    async run(form, { cloud, radio }) {
      const lock = lockOf(cloud, form.whole('lockId'), 'ekey');
      const state = await radio.reach(lock, () => {
        lock.settle();
        if (lock.has('jammed')) return 2;
        return lock.data.locked ? 0 : 1;
      });
      return { state };
    },
  },
  '/v3/lock/queryElectricQuantity': {
    does: 'looking',
    async run(form, { cloud, radio }) {
      const lock = lockOf(cloud, form.whole('lockId'), 'ekey');
      const electricQuantity = await radio.reach(lock, () => {
        lock.data.cloud.battery = Math.round(lock.data.battery);
        lock.save();
        return lock.data.cloud.battery;
      });
      return { electricQuantity };
    },
  },
  '/v3/gateway/list': {
    does: 'looking',
    run(form, { cloud, trouble }) {
      const page = form.page(100);
      const own = trouble === 'another-device' ? [] : [...cloud.gateways.values()];
      const list = own.map((gateway) => gatewayView(gateway, locksOf(gateway.gatewayId)));
      return paged(list, page);
      function locksOf(gatewayId: number): number {
        return [...cloud.locks.values()].filter(({ data }) => data.gatewayId === gatewayId).length;
      }
    },
  },
  '/v3/gateway/listByLock': {
    does: 'looking',
    run(form, { cloud, clock }) {
      const lock = lockOf(cloud, form.whole('lockId'), 'admin');
      const gateway = lock.has('out-of-range') ? null : cloud.gatewayOf(lock);
      if (gateway === null) return { list: [] };
      const { gatewayId, mac: gatewayMac, name: gatewayName } = gateway;
      return { list: [{ gatewayId, gatewayMac, gatewayName, ...signalOf(lock), rssiUpdateDate: clock.now() }] };
    },
  },
  '/v3/gateway/listLock': {
    does: 'looking',
    run(form, { cloud, clock }) {
      const gatewayId = form.whole('gatewayId');
      if (!cloud.gateways.has(gatewayId)) throw new Refusal(-4037);
      const near = [...cloud.locks.values()].filter((lock) => lock.data.gatewayId === gatewayId);
      const list = near
        .filter((lock) => !lock.has('out-of-range'))
        .map((lock) => {
          const { lockId, mac: lockMac, bluetoothName: lockName, name: lockAlias } = lock.data;
          return { lockId, lockMac, lockName, lockAlias, ...signalOf(lock), updateDate: clock.now() };
        });
      return { list };
    },
  },
};

const signalOf = (lock: Lock) => ({ rssi: lock.has('slow') ? -89 : -65 });

function gatewayView(gateway: { gatewayId: number; mac: string; name: string; online: boolean }, lockNum: number) {
  return {
    gatewayId: gateway.gatewayId,
    gatewayMac: gateway.mac,
    gatewayName: gateway.name,
    gatewayVersion: 2,
    networkName: 'simulated',
    lockNum,
    isOnline: gateway.online ? 1 : 0,
  };
}
