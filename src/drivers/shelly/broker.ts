import net from 'node:net';
import tls from 'node:tls';
import { MqttClient } from 'mqtt';
import type { Clock } from '../../host/clock.ts';
import { networkWords } from '../../host/network-words.ts';
import { largestFrame } from './frame.ts';
import type { Trouble } from './judge.ts';
import { createPacketGuard } from './packet-guard.ts';

/**
 * Our seat at a broker: connects by itself, again and again, until closed. Nothing is kept for later on either side: what
 * cannot be published now is not published, and all is sent with QoS 0, so that no broker holds a switch-on back for a
 * device that comes home tomorrow.
 */
export type Broker = {
  /** Null while it is open, else why it is not. */
  trouble(): BrokerTrouble | null;
  /** Waits for the first try to end, no longer than the signal; then the same. */
  ready(signal: AbortSignal): Promise<BrokerTrouble | null>;
  /** False: surely nothing left. */
  publish(topic: string, text: string): boolean;
  close(): Promise<void>;
};
/** Everything on the connection meets it. */
export type BrokerTrouble = Trouble & { wholeConnection: true };

export type BrokerOptions = {
  url: string;
  username: string | undefined;
  password: string | undefined;
  clientId: string;
  /** The first one is needed; a broker may refuse others to us. */
  topics: readonly [string, ...string[]];
  /** `retained`: what was so some time ago. */
  onMessage(topic: string, text: string, retained: boolean): void;
  onChange(trouble: BrokerTrouble | null): void;
  clock: Clock;
};

const connectMilliseconds = 3000;
const again = 2000;

export function openBroker(o: BrokerOptions): Broker {
  const url = new URL(o.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'mqtts:';
  const port = url.port === '' ? (secure ? 8883 : 1883) : Number(url.port);
  const waiting = new Set<() => void>();
  let now: BrokerTrouble | null = trouble('unreachable', `The broker ${url.host} has not answered yet`);
  let tried = false;
  let last: BrokerTrouble | null = null; // what the library said last, told once the connection is seen to be gone

  function dial(): net.Socket {
    const socket = secure
      ? tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}) })
      : net.connect({ host, port });
    const fits = createPacketGuard(largestFrame + 1024);
    socket.on('data', (chunk: Buffer) => {
      if (!fits(chunk)) socket.destroy(new Error('The broker sent a packet that is too large'));
    });
    return socket;
  }

  const client = new MqttClient(dial, {
    clientId: o.clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: 20,
    reconnectPeriod: again,
    connectTimeout: connectMilliseconds,
    reconnectOnConnackError: true,
    queueQoSZero: false,
    resubscribe: false,
    timerVariant: 'native',
    ...(o.username === undefined ? {} : { username: o.username }),
    ...(o.password === undefined ? {} : { password: o.password }),
  });

  function say(trouble: BrokerTrouble | null): void {
    const changed = trouble?.detail !== now?.detail;
    now = trouble;
    tried = true;
    for (const go of waiting) go();
    if (changed) o.onChange(trouble);
  }

  client.on('error', (error) => {
    last = inWords(error, url.host);
  });
  client.on('close', () => say(last ?? trouble('unreachable', `The broker ${url.host} hung up`)));
  client.on('message', (topic, payload, packet) => {
    if (payload.length <= largestFrame) o.onMessage(topic, payload.toString('utf8'), packet.retain);
  });
  client.on('connect', () => {
    last = null;
    client.subscribe([...o.topics], { qos: 0 }, (error, granted) => {
      if (error !== null || !client.connected) return; // the connection went meanwhile, and says so itself
      if (granted?.some((one) => one.topic === o.topics[0] && one.qos !== 128) === true) return say(null);
      last = trouble('credentials', `The broker ${url.host} does not let us hear answers`);
      client.stream.destroy();
    });
  });

  return {
    trouble: () => now,
    async ready(signal) {
      if (tried || signal.aborted) return now;
      const { promise, resolve } = Promise.withResolvers<void>();
      const deadline = o.clock.deadline(connectMilliseconds, signal);
      waiting.add(resolve);
      deadline.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      waiting.delete(resolve);
      return now;
    },
    publish(topic, text) {
      if (now !== null || !client.connected) return false;
      client.publish(topic, text, { qos: 0 });
      return true;
    },
    close: async () => {
      await client.endAsync(true).catch(() => undefined);
    },
  };
}

/** Codes of CONNACK: 4 bad user name or password, 5 not authorized. */
function inWords(error: Error, host: string): BrokerTrouble {
  const code = 'code' in error ? error.code : undefined;
  if (code === 4 || code === 5 || code === 134 || code === 135) {
    return trouble('credentials', `The broker ${host} does not accept our user name and password`);
  }
  return trouble('unreachable', `The broker ${host} cannot be reached: ${networkWords(error) ?? wordsOf(error)}`);
}

/** What the library says of one that connects and is no broker. */
function wordsOf({ message }: Error): string {
  if (message === 'connack timeout') return 'it accepts the connection and then says nothing';
  return message.startsWith('Invalid header flag bits') ? 'what it sent is no MQTT' : message;
}

function trouble(reason: Trouble['reason'], detail: string): BrokerTrouble {
  return { kind: 'trouble', reason, detail, wholeConnection: true };
}
