/** What is done to a lock from afar: its bolt, and its codes. */
import { type Call, type Context, iso, lockOf, ownedLockOf, type Route } from './call.ts';
import { statusOf } from './cloud.ts';
import { Refusal, refusal, troubled } from './errors.ts';
import type { Lock } from './lock.ts';

const bolt = ['lock', 'unlock', 'unlatch'] as const;
const others = ['status', 'reboot', 'rebootLock', 'telemetry', 'secure', 'calibrate', 'disablehomekit', 'ota'];
const long: Record<string, string> = {
  locked: 'kAugLockState_Locked',
  unlocked: 'kAugLockState_Unlocked',
  unknown: 'kAugLockState_UnknownStaticPosition',
};
const USUAL_TRIES = 3;

/** Carries it to the lock; throws a Refusal. A cloud that lies says what was wished. */
async function operate(lock: Lock, command: string, call: Call, context: Context): Promise<Record<string, unknown>> {
  const started = context.clock.now();
  const asked = Math.trunc(Number(call.query.get('retryLimit') ?? USUAL_TRIES));
  const tries = Math.min(USUAL_TRIES, Math.max(1, Number.isNaN(asked) ? USUAL_TRIES : asked));
  const { data } = lock;
  const was = data.locked;
  const turning = bolt.find((one) => one === command);
  const trouble = await context.radio.reach(lock, tries, () => {
    if (turning === undefined || call.trouble === 'lying-ok') {
      lock.save();
      return null;
    }
    const said = lock.remote(turning, call.claims.userId);
    if (call.trouble === 'outside-change' && said === null) lock.turnByHand();
    return said;
  });
  if (trouble !== null) throw troubled(trouble);
  data.cloud.dateTime = context.clock.now(); // heard just now
  // what the lock itself said at its end, before anybody else was at it
  const status = turning === undefined ? statusOf(lock) : turning === 'lock' ? 'locked' : 'unlocked';
  const doorState = data.hasDoorSensor ? `kAugDoorState_${data.doorOpen ? 'Open' : 'Closed'}` : 'kAugDoorState_Init';
  return {
    status: long[status] ?? 'kAugLockState_UnknownStaticPosition',
    doorState,
    info: {
      action: command,
      startTime: iso(started),
      context: { transactionID: `tx${context.cloud.next('transaction')}`, startDate: iso(started), retryCount: 1 },
      lockType: `lock_version_${data.type}`,
      serialNumber: data.serial,
      rssi: -46,
      wlanRSSI: -52,
      wlanSNR: -1,
      duration: context.clock.now() - started,
      lockID: data.lockId,
      bridgeID: data.bridgeId,
      lockStatusChanged: was !== data.locked,
      serial: data.serial,
    },
    retryCount: 1,
    totalTime: context.clock.now() - started,
    resultsFromOperationCache: false,
  };
}

const told = (lockID: string, result: Record<string, unknown>, callingUserID: string) => ({
  lockID,
  remoteEvent: 1,
  ...result,
  callingUserID,
});

function failed(lockID: string, action: string, error: unknown): Record<string, unknown> & { lockID: string } {
  const { status: statusCode, code, message } = error instanceof Refusal ? error : new Refusal(500, 0, String(error));
  const details = {
    message,
    statusCode,
    body: { code, message },
    restCode: code,
    name: `ERRNO_${code}`,
    code: 'Error',
  };
  return { lockID, remoteEvent: 1, status: 'unknown', result: 'failed', error: details, info: { lockID, action } };
}

export const operateRoutes: Route[] = [
  ...(['switching', 'looking'] as const).map(
    (does): Route => ({
      method: 'PUT',
      path:
        does === 'looking' ? /^\/remoteoperate\/([^/]+)\/(status)$/ : /^\/remoteoperate\/([^/]+)\/(?!status$)(\w+)$/,
      does,
      needs: 'user',
      async run(call, context) {
        const command = call.parts[1] ?? '';
        if (![...bolt, ...others].includes(command)) throw refusal('NotImplemented', `${command} is not a command`);
        const lock = lockOf(context, call);
        const { lockId } = lock.data;
        if (context.cloud.bridgeOf(lock) === null) throw troubled('no-bridge');
        const later = call.query.get('type') === 'async' || call.version.startsWith('2.');
        const work = operate(lock, command, call, context);
        const heard = work.then(
          (result) => context.subscribers.emit(told(lockId, result, call.claims.userId)),
          (error: unknown) => context.subscribers.emit(failed(lockId, command, error)),
        );
        if (later) return { status: 202, body: null };
        await heard;
        return { body: await work };
      },
    }),
  ),
  {
    method: 'GET',
    path: /^\/locks\/([^/]+)\/pins$/,
    does: 'looking',
    needs: 'user',
    run(call, context) {
      const { lockId } = ownedLockOf(context, call).data;
      const lists: Record<string, unknown[]> = {
        created: [],
        loaded: [],
        disabled: [],
        disabling: [],
        enabling: [],
        deleting: [],
        updating: [],
      };
      for (const row of context.pins.rowsOf(lockId)) lists[row.state]?.push(context.pins.shown(row));
      return { body: lists };
    },
  },
  {
    method: 'POST',
    path: /^\/locks\/([^/]+)\/pins$/,
    does: 'switching',
    needs: 'user',
    run(call, context) {
      const { commands } = call.body;
      if (!Array.isArray(commands) || commands.length === 0) throw refusal('BadRequest', 'commands must not be empty');
      context.pins.order(ownedLockOf(context, call), commands as Record<string, unknown>[], call.trouble);
      return { body: { message: 'success' } };
    },
  },
];
