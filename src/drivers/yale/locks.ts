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
/** Of whoever may operate a lock, and neither write codes nor see what others did. */
const guest = 'user';
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
      const owned = mine[lockId]?.UserType !== guest;
      found.push(hardwareOf(detail, { owned, told: await details.capabilities(lockId, signal) }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found.toSorted((a, b) => (a.ref.hardwareId < b.ref.hardwareId ? -1 : 1));
}

type Known = { owned: boolean; told: DeviceCapabilities | null };

function hardwareOf(detail: LockDetail, known: Known): LockHardware {
  const { LockID, LockName, skuNumber, currentFirmwareVersion: firmware, macAddress } = detail;
  return {
    ref: { hardwareId: LockID },
    name: LockName.trim() || LockID,
    model: skuNumber ?? null,
    firmware: typeof firmware === 'string' ? firmware : null,
    mac: macAddress ?? null,
    battery: percentOf(detail),
    bridge: bridgeOf(detail),
    capabilities: capabilitiesOf(detail, known),
  };
}

function capabilitiesOf(detail: LockDetail, { owned, told }: Known): LockCapabilities {
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
    keypad: owned && reached && detail.supportsEntryCodes === true ? keypad : null,
    issuesCodes: null,
    issuesQr: false,
    passage: false,
    tellsRecords: owned, // a guest is told of what it did itself, and of nobody else
  };
}
