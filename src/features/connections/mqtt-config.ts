import type { SecretBox } from '../../host/secret-box.ts';
import { invalid } from '../../rules/errors.ts';
import { lanAddress } from '../../rules/lan-address.ts';
import { optional } from '../../rules/text.ts';
import type { ConnectionRow } from './connections.store.ts';
import { changedPasswords, type DevicePasswords, passwordsView } from './device-passwords.ts';
import { type ConnectionInput, sealPurpose as purpose, type VendorForm } from './vendor-form.ts';

type Open = { url: string; username: string | null; topics: string[] };
type Sealed = DevicePasswords & { password?: string };

/** A broker. A password left out stays as it is while the address does; null or empty takes it away. */
export const mqttForm: VendorForm = {
  name: 'Shelly on a broker',
  fields: ['url', 'username', 'password', 'topics', 'devicePassword', 'devicePasswords'],
  split: (input, before, { box }) => splitMqtt(input, before, box),
  open: joinMqtt,
  show: (row, box) => {
    const { url, username = null, topics, password, ...passwords } = joinMqtt(row, box);
    const broker = { url, username, hasPassword: password !== undefined, topics };
    return { vendor: 'shelly-mqtt', ...broker, ...passwordsView(passwords) };
  },
  told: (row) => openOf(row),
  secrets: ({ password, devicePassword, devicePasswords }) =>
    [password, devicePassword, devicePasswords].every((one) => one === undefined) ? null : 'passwords changed',
};

const most = { topics: 250, topicLength: 200 } as const;

/** The address, the user name and the prefixes lie in the open, passwords sealed beside them. */
function splitMqtt(
  input: ConnectionInput,
  before: ConnectionRow | null,
  box: SecretBox,
): Pick<ConnectionRow, 'config' | 'sealed'> {
  const was = before === null ? null : openOf(before);
  const secrets = before === null ? {} : sealedOf(before, box);
  const url = input.url === undefined ? was?.url : brokerUrl(input.url);
  if (url === undefined) throw invalid('url', 'url is required');
  const username = input.username === undefined ? (was?.username ?? null) : optional('username', input.username, 200);
  const stays = was?.url === url;
  const password = input.password === undefined ? (stays ? secrets.password : undefined) : input.password;
  if (password && username === null) throw invalid('username', 'A password needs a username');
  const config: Open = {
    url,
    username,
    topics: input.topics === undefined ? (was?.topics ?? []) : prefixes(input.topics),
  };
  const kept: Sealed = { ...(password ? { password } : {}), ...changedPasswords(input, secrets) };
  return { config, sealed: Object.keys(kept).length === 0 ? null : box.seal(purpose, JSON.stringify(kept)) };
}

/** As the driver takes it. */
function joinMqtt(row: ConnectionRow, box: SecretBox) {
  const { url, username, topics } = openOf(row);
  return { url, ...(username === null ? {} : { username }), topics, ...sealedOf(row, box) };
}

function brokerUrl(text: string): string {
  const shape = /^(mqtts?):\/\/([^/?#@\s]+)\/?$/i.exec(text.trim());
  const host = lanAddress(shape?.[2] ?? '');
  if (shape === null || host === null) {
    throw invalid('url', 'url must be mqtt://host or mqtts://host, with :port where it is another than 1883 or 8883');
  }
  return `${shape[1]?.toLowerCase()}://${host}`;
}

function prefixes(topics: string[]): string[] {
  if (topics.length > most.topics) throw invalid('topics', `topics must have at most ${most.topics} entries`);
  const given = topics.map((topic, index) => {
    const text = topic.trim();
    const fits =
      text.length <= most.topicLength && /^[^/+#$\s\p{C}][^+#\s\p{C}]*[^/+#\s\p{C}]$|^[^/+#$\s\p{C}]$/u.test(text);
    if (!fits || text.includes('//') || text === 'shellies' || text.startsWith('shellies/')) {
      throw invalid(`topics[${index}]`, `topics[${index}] must be the MQTT prefix of a device, without + or #`);
    }
    return text;
  });
  if (new Set(given).size < given.length) throw invalid('topics', 'topics names a prefix twice');
  return given;
}

function openOf(row: ConnectionRow): Open {
  return row.config as Open; // written by splitMqtt alone
}

function sealedOf(row: ConnectionRow, box: SecretBox): Sealed {
  return row.sealed === null ? {} : (JSON.parse(box.open(purpose, row.sealed)) as Sealed);
}
