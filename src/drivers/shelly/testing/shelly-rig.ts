import type { ShellySimulator } from '../../../../simulators/shelly/start.ts';
import { systemClock } from '../../../host/clock.ts';
import type { RelayTruth, Rig } from '../../contract/rig.ts';
import type { Driver } from '../../port.ts';

export const name = 'washer';
export const password = 'sesame-öffne-dich';

/** What the rigs of all ways to a simulated Shelly have in common. */
export type ShellyRig = Pick<Rig, 'driver' | 'ref' | 'proof' | 'fault' | 'relay' | 'outside' | 'requests' | 'settled'>;

export function rigOn(shelly: ShellySimulator, driver: Driver): ShellyRig {
  return {
    driver,
    ref: { hardwareId: shelly.device(name).id, channel: 0 },
    proof: 'at-once',
    fault(fault, where) {
      shelly.setFault(name, fault === 'offline' ? 'offline' : 'none');
      shelly.setTrouble(name, fault === null || fault === 'offline' ? null : { kind: fault, where });
    },
    relay: () => truthOf(shelly),
    outside: ({ on, autoOffSeconds }) => shelly.setOutput(name, 0, on, autoOffSeconds),
    requests: () => shelly.heard(name),
    settled: () => until(() => shelly.heard(name).underWay === 0),
  };
}

export function truthOf(shelly: ShellySimulator): RelayTruth {
  const relay = shelly.device(name).channels[0];
  const sets = shelly.history(name).filter(({ kind }) => kind === 'set');
  return {
    on: relay?.output === true,
    timerSeconds: relay?.timerDuration ?? null,
    carriedOut: sets.length,
    bareOns: sets.filter(({ on, toggleAfter }) => on && toggleAfter === null).length,
  };
}

export async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) await systemClock.sleep(10);
}

/** Waits until the driver sees the relay, and then until it asks nothing more by itself. */
export async function untilQuiet(rig: ShellyRig): Promise<void> {
  let patience = 100; // what is asked before the device is there is never answered
  await until(async () => {
    patience = Math.min(2000, patience * 1.5);
    return (await rig.driver.observe(rig.ref, systemClock.deadline(Math.ceil(patience)))).kind === 'relay';
  });
  let heard = -1;
  while (heard !== rig.requests().all) {
    heard = rig.requests().all;
    await systemClock.sleep(150);
  }
}
