import type { Bridge, LockCapabilities, LockHardware } from '../lock-port.ts';
import { VendorFault } from '../port.ts';
import { faultOf } from './ask.ts';
import type { TtlockClient } from './client.ts';
import { granularity } from './code-times.ts';
import type { Details } from './details.ts';
import { allPages } from './pages.ts';
import { GatewayLocks, ListedGateway, ListedLock, parsed, percent } from './wire.ts';

const pageSizes = { locks: 1000, gateways: 100 } as const;

/** Bits of a lock's feature value: https://euopen.ttlock.com/document/doc?urlName=cloud%2Flock%2FfeatureValueEn.html */
const feature = { passcode: 0, lockRemotely: 8, unlockRemotely: 10, passage: 22, qrCode: 44, wifi: 56 } as const;

/** Every lock that the account administers, with the gateway that hears it. Throws VendorFault. */
export async function listLocks(client: TtlockClient, details: Details, signal: AbortSignal): Promise<LockHardware[]> {
  const locks = await allPages(client, { path: '/v3/lock/list', pageSize: pageSizes.locks, of: ListedLock }, signal);
  const behindGateways = locks.some(({ hasGateway }) => hasGateway === 1);
  const bridges = behindGateways ? await bridgesOf(client, signal) : new Map<number, Bridge>();
  await details.learnSome(
    locks.map(({ lockId }) => lockId),
    signal,
  );
  return locks.map((lock) => {
    const bridge = bridges.get(lock.lockId) ?? null;
    const detail = details.of(lock.lockId);
    return {
      ref: { hardwareId: String(lock.lockId) },
      name: lock.lockAlias?.trim() || lock.lockName,
      model: detail?.modelNum ?? null,
      firmware: detail?.firmwareRevision ?? null,
      mac: lock.lockMac ?? null,
      battery: percent(lock.electricQuantity),
      bridge,
      capabilities: capabilitiesOf(lock, bridge !== null),
    };
  });
}

/** Where several hear a lock, one that is online. */
async function bridgesOf(client: TtlockClient, signal: AbortSignal): Promise<Map<number, Bridge>> {
  const wanted = { path: '/v3/gateway/list', pageSize: pageSizes.gateways, of: ListedGateway };
  const gateways = await allPages(client, wanted, signal);
  const bridges = new Map<number, Bridge>();
  for (const { gatewayId, isOnline } of gateways) {
    const answer = await client.call('/v3/gateway/listLock', { gatewayId }, signal);
    if (answer.kind !== 'answer') throw faultOf(answer);
    const heard = parsed(GatewayLocks, answer.value);
    if (heard === null) throw new VendorFault('vendor', 'TTLock: the locks of a gateway cannot be understood');
    const bridge = { id: String(gatewayId), online: typeof isOnline === 'number' ? isOnline === 1 : null };
    for (const { lockId } of heard.list) if (bridges.get(lockId)?.online !== true) bridges.set(lockId, bridge);
  }
  return bridges;
}

function capabilitiesOf({ featureValue }: ListedLock, heard: boolean): LockCapabilities {
  const bits = BigInt(`0x${featureValue || '0'}`);
  const has = (name: keyof typeof feature): boolean => ((bits >> BigInt(feature[name])) & 1n) === 1n;
  const reached = heard || has('wifi');
  const keypad = {
    lengthMin: 4,
    lengthMax: 9,
    slots: null,
    namesSlots: false,
    keepsWindows: true,
    readsBack: true,
    changesInPlace: true,
  };
  return {
    unlock: reached && has('unlockRemotely'),
    lock: reached && has('lockRemotely'),
    momentary: false,
    tellsBolt: reached,
    tellsDoor: false,
    keypad: reached && has('passcode') ? keypad : null,
    issuesCodes: has('passcode') ? { granularity } : null,
    issuesQr: has('qrCode'),
    passage: reached && has('passage'),
    tellsRecords: true,
  };
}
