import { createAtOnce } from '../engine/at-once.ts';
import { createSessionRunner } from '../engine/session-runner.ts';
import { createCommands } from '../features/commands/commands.service.ts';
import { createSwitching } from '../features/commands/switching.service.ts';
import { createConnectionHardware } from '../features/connections/hardware.service.ts';
import { createDevices } from '../features/devices/devices.service.ts';
import { createPlans } from '../features/devices/plans.service.ts';
import { createRelays } from '../features/relays/relays.service.ts';
import { createSessions, type SessionsService } from '../features/sessions/sessions.service.ts';
import { createStaffSessions } from '../features/sessions/staff-sessions.service.ts';
import { createTimeline } from '../features/timeline/timeline.service.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Money } from './money.ts';
import type { Notices } from './notices.ts';
import type { Vendors } from './vendors.ts';

type Given = { house: House; notices: Notices; vendors: Vendors; money: Money };

/** Machines behind relays, and the runs on them: what staff does with a run goes through its runner, as all else. */
export function composeMachines(ground: Ground, given: Given) {
  const { audit, settings, locations, addresses } = given.house;
  const { outbox, notices } = given.notices;
  const { connections, hardware, lockLists } = given.vendors;
  const { payments } = given.money;
  const relays = createRelays({ ...ground, hardware, notices });
  const atOnce = createAtOnce();
  const sessions: SessionsService = createSessions({ ...ground, audit, payments, notices, outbox, atOnce });
  const inUse: Parameters<typeof createDevices>[0]['inUse'] = async (db, organizationId, id) =>
    (await sessions.liveOn(organizationId, id, db)) !== null;
  const devices = createDevices({ ...ground, audit, locations, connections, hardware, relays, addresses, inUse });
  const plans = createPlans({ ...ground, audit, settings });
  const connectionHardware = createConnectionHardware({ ...ground, audit, connections, devices, hardware, lockLists });
  const commands = createCommands({ ...ground, connections, hardware, relays });
  const switching = createSwitching({ ...ground, audit, devices, relays, sessions, commands });
  const runner = createSessionRunner({ ...ground, hardware, devices, relays, sessions, commands });
  const staffSessions = createStaffSessions({ ...ground, audit, devices, sessions, payments, carryOut: runner.run });
  const timeline = createTimeline({ ...ground, audit, commands, relays, sessions, payments, notices });
  return {
    relays,
    atOnce,
    sessions,
    devices,
    plans,
    connectionHardware,
    commands,
    switching,
    runner,
    staffSessions,
    timeline,
  } as const;
}

export type Machines = ReturnType<typeof composeMachines>;
