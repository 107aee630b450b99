import { type Ask, detailOf, send } from './ask.ts';
import type { Lost, Trouble, YaleClient } from './client.ts';
import { DeviceCapabilities, parsed } from './wire.ts';

/** What never changes of a lock; asked once, and remembered as long as the driver is open. */
export function createDetails(client: YaleClient) {
  const pads = new Map<string, DeviceCapabilities | null>();
  const houses = new Map<string, string>();

  /** What its keypad takes. null: the cloud cannot say. Without it a list is better than none. */
  async function capabilities(lockId: string, signal: AbortSignal): Promise<DeviceCapabilities | null> {
    const known = pads.get(lockId);
    if (known !== undefined) return known;
    const path = `/devices/capabilities?deviceType=lock&deviceID=${lockId}`;
    const answer = await send({ client, lockId, signal }, { method: 'GET', path });
    const told = answer.kind === 'answer' ? parsed(DeviceCapabilities, answer.value) : null;
    const never = answer.kind === 'trouble' && (answer.status === 404 || answer.status === 409);
    if (told !== null || never) pads.set(lockId, told);
    return told;
  }

  async function houseOf(ask: Ask): Promise<string | Trouble | Lost> {
    const known = houses.get(ask.lockId);
    if (known !== undefined) return known;
    const detail = await detailOf(ask);
    if ('kind' in detail) return detail;
    houses.set(ask.lockId, detail.HouseID);
    return detail.HouseID;
  }

  return { capabilities, houseOf };
}

export type Details = ReturnType<typeof createDetails>;
