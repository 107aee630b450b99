import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../host/clock.ts';
import { type Broker, openBroker } from './broker.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

test.each([
  ['a web server', () => http.createServer(), 'what it sent is no MQTT'],
  ['one that never says a word', () => net.createServer(), 'it accepts the connection and then says nothing'],
])('where %s is, no broker is, and that is told in words', async (_, create, words) => {
  const address = await listening(create());
  const broker = await tried(address);
  expect(broker.trouble()).toMatchObject({
    reason: 'unreachable',
    detail: `The broker ${address} cannot be reached: ${words}`,
  });
});

/** A seat at what is there, after the first try has ended. */
async function tried(address: string): Promise<Broker> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const broker = openBroker({
    url: `mqtt://${address}`,
    username: undefined,
    password: undefined,
    clientId: 'keystead-test',
    topics: ['keystead-test/rpc'],
    onMessage: () => undefined,
    onChange: () => resolve(),
    clock: systemClock,
  });
  open.push(broker);
  await promise;
  return broker;
}

async function listening(server: net.Server): Promise<string> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  return `127.0.0.1:${at === null || typeof at === 'string' ? 0 : at.port}`;
}
