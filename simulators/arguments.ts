import { parseArgs } from 'node:util';

/** What the program is told beside its environment: which devices also sit on a broker, and which dial a server. */
export type Arguments = { mqtt: string[]; dials: { name: string; url: string }[] };

/** `--mqtt "Gym lights"` and `--dial "Washer 1=ws://…"`, each as often as there are devices. Throws one sentence. */
export function readArguments(words: readonly string[], names: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...words],
    options: { mqtt: { type: 'string', multiple: true }, dial: { type: 'string', multiple: true } },
  });
  const dials = (values.dial ?? []).map((text) => {
    const [, name = '', url = ''] = /^([^=]+)=(wss?:\/\/\S+)$/.exec(text.trim()) ?? [];
    if (url === '' || !URL.canParse(url)) {
      throw new Error(`--dial must look like "${names[0] ?? 'Washer 1'}=ws://…", not "${text}".`);
    }
    return { name, url };
  });
  const mqtt = values.mqtt ?? [];
  for (const name of [...mqtt, ...dials.map((one) => one.name)]) {
    if (!names.includes(name)) throw new Error(`There is no device "${name}". There are: ${names.join(', ')}.`);
  }
  return { mqtt, dials };
}
