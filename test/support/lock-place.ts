import type { ConnectionId, OrganizationId } from '../../src/rules/ids.ts';
import { type Answer, type Laundry, openLaundry, password as staffPassword } from './laundry.ts';

/** A laundry with an account at TTLock: a lock with a door of it, one without, and one that no gateway hears. */
export type LockPlace = Laundry & {
  lockConnectionId: string;
  front: { id: string; hardwareId: number; doorId: string };
  back: { id: string; hardwareId: number };
  cellar: { id: string; hardwareId: number };
  gatewayId: number;
  /** A lock of the simulator's, by its name, and a door of it: its address for guests. */
  sell(name: string, door: { name: string; price?: number; duration?: number }): Promise<{ id: string; uid: string }>;
  /** As the administrator, unless another token is given. */
  post(path: string, body?: unknown, token?: string): Promise<Answer>;
  get(path: string, token?: string): Promise<Answer>;
  /** Time has gone on for days: the administrator signs in again. */
  signIn(): Promise<void>;
  rows<Row>(text: string, values?: unknown[]): Promise<Row[]>;
};

export async function openLockPlace(o: Parameters<typeof openLaundry>[0] = { engine: false }): Promise<LockPlace> {
  const laundry = await openLaundry(o);
  const { ttlock, tokens, call } = laundry;
  const post: LockPlace['post'] = (path, body, token = tokens.admin) =>
    call('POST', path, { token, ...(body === undefined ? {} : { body }) });
  const get: LockPlace['get'] = (path, token = tokens.admin) => call('GET', path, { token });
  const rows: LockPlace['rows'] = async (text, values = []) =>
    (await laundry.app.database.pool.query(text, values)).rows;
  const made = async (path: string, body: unknown): Promise<Answer['body']> => {
    const answer = await post(path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };

  const { clientId, clientSecret, username, password } = ttlock.account;
  const account = { server: ttlock.url, clientId, clientSecret, username, password };
  const { id: connectionId } = await made('/api/connections', { vendor: 'ttlock', name: 'Locks', ...account });
  const added = async (name: string) => {
    const hardwareId = ttlock.idOf(name);
    const { id } = await made('/api/locks', { connectionId, hardwareId: String(hardwareId) });
    return { id: String(id), hardwareId };
  };
  const front = await added('Front');
  const doorId = await addDoor(laundry, { name: 'Front door', lockId: front.id });
  return {
    ...laundry,
    lockConnectionId: String(connectionId),
    front: { ...front, doorId },
    back: await added('Back'),
    cellar: await added('Cellar'),
    gatewayId: ttlock.gateways()[0]?.gatewayId ?? 0,
    post,
    get,
    rows,
    async sell(name, door) {
      const [known] = (await get('/api/locks')).body.filter((lock: { name: string }) => lock.name === name);
      const lockId = known?.id ?? (await added(name)).id;
      const { id, uid } = await made('/api/doors', { locationId: laundry.locationId, price: 100, lockId, ...door });
      return { id: String(id), uid: String(uid) };
    },
    async signIn() {
      const body = { email: 'owner@keystead.test', password: staffPassword };
      tokens.admin = (await call('POST', '/api/auth/login', { body })).body.token;
    },
  };
}

/** A door at the laundry's location, or elsewhere. */
export async function addDoor(
  { call, tokens, locationId }: Laundry,
  o: { name: string; lockId?: string; locationId?: string | null; status?: string; token?: string },
): Promise<string> {
  const send = async (method: string, path: string, body: unknown): Promise<string> => {
    const answer = await call(method, path, { token: o.token ?? tokens.admin, body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return String(answer.body.id);
  };
  const at = o.locationId ?? locationId;
  const lock = o.lockId === undefined ? {} : { lockId: o.lockId };
  const id = await send('POST', '/api/doors', { name: o.name, locationId: at, price: 100, duration: 60, ...lock });
  if (o.locationId === null) await send('PATCH', `/api/doors/${id}`, { locationId: null });
  if (o.status !== undefined) await send('POST', `/api/doors/${id}/status`, { status: o.status });
  return id;
}

/** A lock that nothing hangs on, with a command and a battery reading of its past. */
export async function lockThings(
  { app, clock }: Laundry,
  whose: { organizationId: OrganizationId; connectionId: string },
): Promise<{ lock: string; command: string }> {
  const { organizationId } = whose;
  const connectionId = whose.connectionId as ConnectionId;
  const lock = await app.database.transaction('test-lock', (tx) =>
    app.services.locks.add(tx, organizationId, connectionId, {
      ref: { hardwareId: 'some lock' },
      name: 'Some lock',
      model: null,
      firmware: null,
      mac: null,
      battery: 80,
      bridge: null,
      capabilities: {
        unlock: true,
        lock: true,
        momentary: false,
        tellsBolt: true,
        tellsDoor: false,
        keypad: null,
        issuesCodes: null,
        issuesQr: false,
        passage: false,
        tellsRecords: false,
      },
    }),
  );
  const command = `cmd_${lock.id.slice(4)}`;
  const now = new Date(clock.now());
  await app.database.pool.query(
    `insert into lock_commands (organization_id, id, lock_id, lane, kind, facts, asked_by, asked_at, sending_until,
       lease_until, outcome, finished_at)
     values ($1, $2, $3, 'lane', 'unlock', '{}', '{"api": "test"}', $4, $4, $4, 'confirmed', $4)`,
    [organizationId, command, lock.id, now],
  );
  return { lock: lock.id, command };
}
