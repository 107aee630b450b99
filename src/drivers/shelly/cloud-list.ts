import { type Hardware, VendorFault } from '../port.ts';
import type { CloudClient } from './cloud-client.ts';
import { cloudChannels } from './cloud-relay.ts';
import { parseAllStatus, parseDevices, parseName } from './cloud-wire.ts';
import { faultOf } from './judge.ts';

const mostIds = 10;

/**
 * Every relay channel of the account. The list comes from v1, as v2 has none; the names from v2, ten devices a request,
 * as far as time allows, and remembered in `names`. Throws VendorFault.
 */
export async function listCloud(
  client: CloudClient,
  names: Map<string, string | null>,
  patience: AbortSignal,
): Promise<Hardware[]> {
  const request = { path: '/device/all_status', body: { show_info: true, no_shared: true }, form: true };
  const answer = await client.call({ request: () => request, lookFor: 'people', patience, signal: patience });
  if (answer.kind === 'trouble') throw faultOf(answer);
  if (answer.kind === 'lost') {
    const { answered, kind: _, detail, ...facts } = answer;
    throw new VendorFault(answered ? 'vendor' : 'unreachable', detail, facts);
  }
  const listed = parseAllStatus(answer.value);
  if (listed === null) throw new VendorFault('vendor', 'Shelly Cloud gave an answer that cannot be understood');
  const relays = listed
    .map((device) => ({ ...device, channels: cloudChannels(device.status) }))
    .filter(({ channels }) => channels.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  await learnNames(
    relays.map(({ id }) => id).filter((id) => !names.has(id)),
    client,
    names,
    patience,
  );
  return relays.flatMap(({ id, code, online, channels }) =>
    channels.map((channel) => ({
      ref: { hardwareId: id, channel },
      kind: 'relay' as const,
      name: names.get(id) ?? null,
      model: code,
      firmware: null,
      channelCount: channels.length,
      online,
    })),
  );
}

/** A list without names is better than none. */
async function learnNames(
  ids: readonly string[],
  client: CloudClient,
  names: Map<string, string | null>,
  patience: AbortSignal,
): Promise<void> {
  for (let from = 0; from < ids.length; from += mostIds) {
    const some = ids.slice(from, from + mostIds);
    const request = { path: '/v2/devices/api/get', body: { ids: some, select: ['settings'] } };
    const answer = await client.call({ request: () => request, lookFor: 'people', patience, signal: patience });
    const devices = answer.kind === 'answer' ? parseDevices(answer.value) : null;
    if (devices === null) return;
    for (const id of some) names.set(id, parseName(devices.get(id)?.settings));
  }
}
