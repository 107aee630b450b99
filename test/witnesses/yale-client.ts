/**
 * Lets one of the clients that others wrote speak, unmodified, with a simulator: whatever host it asks for by TLS is the
 * simulator. Told by its arguments, one JSON object; says what it heard, one JSON object a line, and ends.
 */
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

type Told = {
  installed: string;
  client: string;
  port: number;
  config: object;
  calls: [name: string, ...args: string[]][];
};
const { installed, client, port, config, calls } = JSON.parse(process.argv[2] ?? '') as Told;

const hosts: string[] = [];
https.request = ((options: https.RequestOptions, answered: (response: http.IncomingMessage) => void) => {
  hosts.push(String(options.hostname ?? options.host));
  const { agent: _, ...rest } = options;
  return http.request({ ...rest, protocol: 'http:', hostname: '127.0.0.1', host: '127.0.0.1', port }, answered);
}) as typeof https.request;

const found = createRequire(`${installed}/package.json`).resolve(client);
const { default: August } = (await import(pathToFileURL(found).href)) as { default: Client };
type Client = new (config: object) => Record<string, (...args: string[]) => Promise<unknown>>;
console.log = () => undefined; // it tells people what to do
const one = new August(config);
for (const [name, ...args] of calls) {
  const value = await one[name]?.(...args);
  process.stdout.write(`${JSON.stringify({ name, value: value ?? null })}\n`);
}
process.stdout.write(`${JSON.stringify({ name: 'hosts', value: [...new Set(hosts)] })}\n`);
process.exit(0);
