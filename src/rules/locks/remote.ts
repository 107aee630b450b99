/** What an operation from afar asks of a lock, and when it may be asked again. Pure. */

/** All that the Yale/August API names; what is none of them is told to be unknown. */
export const remoteCommands = [
  'lock',
  'unlock',
  'status',
  'reboot',
  'rebootLock',
  'unlatch',
  'telemetry',
  'secure',
  'calibrate',
  'disablehomekit',
  'extendedfunction',
  'ota',
] as const;
export type RemoteCommand = (typeof remoteCommands)[number];

/** `look`: it is read anew; null: no lock here can do that from afar. */
export type RemoteAct = 'lock' | 'unlock' | 'look';

/** What only opens for a moment has its latch pulled by an unlock. */
export function remoteAct(command: RemoteCommand, { momentary }: { momentary: boolean }): RemoteAct | null {
  switch (command) {
    case 'lock':
    case 'unlock':
      return command;
    case 'status':
    case 'telemetry':
      return 'look';
    case 'unlatch':
      return momentary ? 'unlock' : null;
    default:
      return null;
  }
}

/** How often a program lets it be tried: one to three times, and three where it says nothing. */
export const triesOf = (limit: number | null): number => Math.max(1, Math.min(3, limit ?? 3));

/** A try that surely had no effect, for a reason that may be over in a moment. An unknown one may have: it is never repeated. */
export const mayTryAgain = (outcome: {
  kind: string;
  reason?: string;
  wholeConnection?: boolean;
  retryAfterSeconds?: number;
}): boolean =>
  outcome.kind === 'refused' &&
  (outcome.reason === 'busy' || outcome.reason === 'unreachable') &&
  outcome.wholeConnection !== true &&
  outcome.retryAfterSeconds === undefined;

/** Whether anything speaks to it from here: a gateway, or the lock's own Wi-Fi. Others are reached by phones alone. */
export const isReachedFromAfar = (lock: { bridge_id: string | null; capabilities: { unlock: boolean } }): boolean =>
  lock.bridge_id !== null || lock.capabilities.unlock;
