import { type GatewaySpec, type LockSpec, startTtlock } from '../simulators/ttlock/start.ts';
import type { Place } from './place.ts';

/** A lock, and the door that it is on. */
export type Door = { id: string; lockId: string };

/** An account at TTLock whose locks hang behind gateways; it can be made to hang, or to answer 429. */
export type LockAccount = {
  /** A list for each gateway: what goes through one goes one after the other. */
  gateways: Door[][];
  trouble(kind: 'timeout-before' | 'busy' | null): void;
  close(): Promise<void>;
};

/** In the air. The rest of what an unlock takes is ours, and the network's. */
const airMs = 5;

export async function openLockAccount(
  place: Place,
  o: { number: number; locationId: string; gateways: number; locksOfEach: number },
): Promise<LockAccount> {
  const gateways: GatewaySpec[] = [];
  const locks: LockSpec[] = [];
  for (let g = 0; g < o.gateways; g++) {
    const gateway = `Gateway ${o.number}.${g}`;
    gateways.push({ name: gateway, gatewayId: o.number * 1000 + g });
    for (let n = 0; n < o.locksOfEach; n++) {
      const name = `Lock ${o.number}.${g}.${n}`;
      locks.push({ name, lockId: (o.number * 1000 + g) * 1000 + n, gateway, drainPerTurn: 0 });
    }
  }
  const ttlock = await startTtlock({ stateDir: null, seed: `bench ${o.number}`, gateways, locks, airMs });
  const { clientId, clientSecret, username, password } = ttlock.account;
  const account = { server: ttlock.url, clientId, clientSecret, username, password };
  const named = { vendor: 'ttlock', name: `Account ${o.number}`, ...account };
  const connection = await place.call('POST', '/api/connections', named);
  const doors: Door[][] = gateways.map(() => []);
  for (const [index, { name, lockId }] of locks.entries()) {
    const wish = { connectionId: connection.id, hardwareId: String(lockId) };
    const lock = String((await place.call('POST', '/api/locks', wish)).id);
    const opening = { name, locationId: o.locationId, price: 100, duration: 60, lockId: lock };
    const door = String((await place.call('POST', '/api/doors', opening)).id);
    doors[Math.floor(index / o.locksOfEach)]?.push({ id: door, lockId: lock });
  }
  return {
    gateways: doors,
    trouble: (kind) => ttlock.trouble(kind === null ? null : { kind, where: 'everything' }),
    close: ttlock.close,
  };
}
