import { parseArgs } from 'node:util';

/** What the program is told beside its environment: which devices also sit on a broker, and which dial a server. */
export type Arguments = { broker: { devices: string[]; port: number } | null; dials: { name: string; url: string }[] };

const usualPort = 17_883; // outside what 'lasting' ports are taken from

/**
 * `--mqtt "Gym lights"` and `--dial "Washer 1=ws://…"`, each as often as there are devices; `--mqtt-port` where the usual
 * one is taken, 0 for any. Throws one sentence.
 */
export function readArguments(words: readonly string[], names: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      mqtt: { type: 'string', multiple: true },
      'mqtt-port': { type: 'string' },
      dial: { type: 'string', multiple: true },
    },
  });
  const example = names[0] ?? 'Washer 1';
  const dials = (values.dial ?? []).map((text) => {
    const [, name = '', url = ''] = /^([^=]+)=(wss?:\/\/\S+)$/.exec(text.trim()) ?? [];
    if (!URL.canParse(url)) throw new Error(`--dial must look like "${example}=ws://…", not "${text}".`);
    return { name, url };
  });
  const devices = values.mqtt ?? [];
  for (const name of [...devices, ...dials.map((one) => one.name)]) {
    if (!names.includes(name)) throw new Error(`There is no device "${name}". There are: ${names.join(', ')}.`);
  }
  const port = Number(values['mqtt-port'] ?? usualPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--mqtt-port must be 0 to 65535.');
  return { broker: devices.length === 0 ? null : { devices, port }, dials };
}
