import { minutes } from '../../rules/instant.ts';
import type { CodeOnLock, LockCommand, LockHardware, LockObservation, LockOutcome, LockRecord } from '../lock-port.ts';
import { type LockRig, type LockWhere, type Prepared, pins } from './lock-rig.ts';
import type { Failed } from './results.ts';

/** How the bolt was before. */
export type Before = 'locked' | 'unlocked';

/** What one call gave, or threw. */
export type LockResult =
  | { kind: 'listed'; locks: LockHardware[] }
  | { kind: 'observed'; observation: LockObservation }
  | { kind: 'ended'; outcome: LockOutcome }
  | { kind: 'told'; codes: CodeOnLock[] }
  | { kind: 'told'; records: LockRecord[] }
  | Failed;

export type LockOperation = {
  name: string;
  /** What its requests are counted against in `LockRig.most`. */
  costs: 'list' | 'observe' | 'perform' | 'read';
  prepares: Prepared | null;
  /** It goes through the air: it cannot be done while the gateway is offline. */
  radio: boolean;
  befores: readonly Before[];
  wheres: readonly LockWhere[];
  /** `reference`: of what was prepared. null: it asks for nothing to be done. */
  command: ((reference: string, now: number) => LockCommand) | null;
  call(rig: LockRig, o: { reference: string; now: number; signal: AbortSignal }): Promise<LockResult>;
};

type Part = Partial<Pick<LockOperation, 'prepares' | 'radio' | 'befores'>>;

const asks = (
  name: string,
  costs: LockOperation['costs'],
  call: LockOperation['call'],
  part: Part = {},
): LockOperation => ({
  name,
  costs,
  prepares: null,
  radio: false,
  befores: ['locked'],
  wheres: ['everything', 'signing-in'],
  command: null,
  call,
  ...part,
});

function acts(command: NonNullable<LockOperation['command']>, part: Part = {}): LockOperation {
  const { kind: name } = command('1', 0);
  return {
    name,
    costs: 'perform',
    prepares: null,
    radio: true,
    befores: ['locked'],
    wheres: ['everything', 'switching', 'signing-in'],
    command,
    call: async ({ locks, ref }, { reference, now, signal }) => ({
      kind: 'ended',
      outcome: await locks.perform(ref, command(reference, now), signal),
    }),
    ...part,
  };
}

const hour = (now: number) => ({ from: now - minutes(1), until: now + minutes(59) });
const both: readonly Before[] = ['locked', 'unlocked'];
const name = 'Guest 7';

export const lockOperations: readonly LockOperation[] = [
  asks('list', 'list', async ({ locks }, { signal }) => ({ kind: 'listed', locks: await locks.list(signal) })),
  asks(
    'observe',
    'observe',
    async ({ locks, ref }, { signal }) => ({ kind: 'observed', observation: await locks.observe(ref, signal) }),
    { radio: true, befores: both },
  ),
  asks(
    'observe, nobody waits',
    'observe',
    async ({ locks, ref }, { signal }) => ({
      kind: 'observed',
      observation: await locks.observe(ref, signal, 'background'),
    }),
    { radio: true },
  ),
  acts(() => ({ kind: 'unlock' }), { befores: both }),
  acts(() => ({ kind: 'lock' }), { befores: both }),
  acts((_, now) => ({ kind: 'set-pin', pin: pins.set, slot: null, window: hour(now), name })),
  acts((reference, now) => ({ kind: 'change-pin', reference, pin: pins.changed, window: hour(now) }), {
    prepares: 'pin',
  }),
  acts((reference) => ({ kind: 'clear-pin', reference, slot: null }), { prepares: 'pin' }),
  acts((_, now) => ({ kind: 'issue-code', window: hour(now), once: false, name }), { radio: false }),
  acts((_, now) => ({ kind: 'issue-qr', window: hour(now), name }), { radio: false }),
  acts((reference) => ({ kind: 'revoke-qr', reference }), { prepares: 'qr', radio: false }),
  acts(() => ({
    kind: 'passage',
    schedule: { weekdays: [1, 2, 3, 4, 5, 6, 7], allDay: true, fromMinute: 0, untilMinute: 1440 },
  })),
  asks(
    'codes',
    'read',
    async ({ locks, ref }, { signal }) => ({ kind: 'told', codes: (await locks.codes?.(ref, signal)) ?? [] }),
    { prepares: 'pin' },
  ),
  asks(
    'records',
    'read',
    async ({ locks, ref }, { signal, now }) => ({
      kind: 'told',
      records: (await locks.records?.(ref, now - minutes(60), signal)) ?? [],
    }),
    { prepares: 'entry' },
  ),
];
