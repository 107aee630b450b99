import { describe } from 'vitest';
import { systemClock } from '../host/clock.ts';
import { operations } from './contract/operations.ts';
import { relayCourse } from './contract/relay-course.ts';
import type { RigMaker } from './contract/rig.ts';
import { type Sweep, sweep } from './contract/sweep.ts';
import { testCells } from './contract/test-cells.ts';
import { cloudRig } from './shelly/testing/cloud-rig.ts';
import { gen1LanRig } from './shelly/testing/gen1-lan-rig.ts';
import { gen2LanRig } from './shelly/testing/gen2-lan-rig.ts';
import { gen1MqttRig, mqttRig } from './shelly/testing/mqtt-rig.ts';
import { websocketRig } from './shelly/testing/websocket-rig.ts';

/** Every driver joins here with its rig, and must keep every promise of the port under every fault. */
const rigs: RigMaker[] = [gen2LanRig, gen1LanRig, cloudRig, mqttRig, gen1MqttRig, websocketRig];

/** All of them at once, with the first: they wait most of the time. */
let under: Map<RigMaker, Promise<Sweep>> | null = null;
function swept(maker: RigMaker): Promise<Sweep> {
  under ??= new Map(rigs.map((one) => [one, sweep(relayCourse(one, systemClock))]));
  return under.get(maker) ?? sweep(relayCourse(maker, systemClock));
}

describe.each(rigs)('the contract of a driver: $name', (maker) => {
  const names = operations.map(({ name }) => name);
  testCells(names, () => swept(maker));
});
