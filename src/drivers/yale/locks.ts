import type { Keypad, LockCapabilities, LockHardware } from '../lock-port.ts';
import { VendorFault } from '../port.ts';
import { bridgeOf, detailOf, faultOf } from './ask.ts';
import type { YaleClient } from './client.ts';
import type { Details } from './details.ts';
import { percentOf } from './look.ts';
import { takesSchedules } from './pin-commands.ts';
import { type DeviceCapabilities, type LockDetail, LockId, LocksMine, parsed } from './wire.ts';

const atOnce = 4;
/** What every keypad of theirs takes, the oldest among them. */
const usualLength = { min: 4, max: 6 } as const;

/** Every lock of the account, with its bridge. A lock that cannot be asked makes the whole of it no list. Throws VendorFault. */
export async function listLocks(client: YaleClient, details: Details, signal: AbortSignal): Promise<LockHardware[]> {
  const answer = await client.call({ method: 'GET', path: '/users/locks/mine' }, signal);
  if (answer.kind !== 'answer') throw faultOf(answer);
  const mine = parsed(LocksMine, answer.value);
  if (mine === null) throw new VendorFault('vendor', 'Yale: the list of locks cannot be understood');
  const left = Object.keys(mine).filter((id) => parsed(LockId, id) !== null);
  const found: LockHardware[] = [];
  const work = async (): Promise<void> => {
    for (let lockId = left.shift(); lockId !== undefined; lockId = left.shift()) {
      const detail = await detailOf({ client, lockId, signal });
      if ('kind' in detail) throw faultOf(detail);
      found.push(hardwareOf(detail, await details.capabilities(lockId, signal)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found.toSorted((a, b) => (a.ref.hardwareId < b.ref.hardwareId ? -1 : 1));
}

function hardwareOf(detail: LockDetail, told: DeviceCapabilities | null): LockHardware {
  const { LockID, LockName, skuNumber, currentFirmwareVersion: firmware, macAddress } = detail;
  return {
    ref: { hardwareId: LockID },
    name: LockName.trim() || LockID,
    model: skuNumber ?? null,
    firmware: typeof firmware === 'string' ? firmware : null,
    mac: macAddress ?? null,
    battery: percentOf(detail),
    bridge: bridgeOf(detail),
    capabilities: capabilitiesOf(detail, told),
  };
}

function capabilitiesOf(detail: LockDetail, told: DeviceCapabilities | null): LockCapabilities {
  const reached = bridgeOf(detail) !== null;
  const keypad: Keypad = {
    lengthMin: told?.keypad?.pinLengthMin ?? usualLength.min,
    lengthMax: told?.keypad?.pinLengthMax ?? usualLength.max,
    slots: told?.lock?.pinSlotMax ?? null,
    namesSlots: false,
    keepsWindows: takesSchedules(detail),
    readsBack: true,
    changesInPlace: true,
  };
  const doorState = detail.LockStatus?.doorState ?? 'init';
  return {
    unlock: reached,
    lock: reached,
    momentary: false,
    tellsBolt: reached,
    tellsDoor: reached && doorState !== 'init',
    keypad: reached && detail.supportsEntryCodes === true ? keypad : null,
    issuesCodes: null,
    issuesQr: false,
    passage: false,
    tellsRecords: true,
  };
}
