import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../host/clock.ts';
import { faultClasses, faultFacts } from './contract/faults.ts';
import { operations } from './contract/operations.ts';
import { relayCourse } from './contract/relay-course.ts';
import type { RigMaker } from './contract/rig.ts';
import { type Sweep, sweep } from './contract/sweep.ts';
import { isEmpty, tableOf } from './contract/table.ts';
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
  let done: Sweep;
  beforeAll(async () => {
    done = await swept(maker);
  }, 180_000);

  const cells = operations.flatMap(({ name }) =>
    faultClasses.map((fault) => [name, faultFacts[fault].title, fault] as const),
  );
  test.each(cells)('%s, %s: nothing is claimed that is not so', (operation, _, fault) => {
    const cell = done.cells.find((one) => one.operation === operation && one.fault === fault);
    expect(cell?.broken).toEqual([]);
  });

  test('no cell is empty, and what cannot exist on its wire says why', ({ task: { file } }) => {
    file.meta.driverContracts = [...(file.meta.driverContracts ?? []), { sweep: done, table: tableOf(done) }];
    expect(done.cells.length).toBe(operations.length * faultClasses.length);
    expect(done.cells.filter(isEmpty)).toEqual([]);
    for (const cell of done.cells) expect(cell.impossible ?? 'a reason of some length').toMatch(/^.{15,}/);
  });
});

declare module 'vitest' {
  interface TaskMeta {
    driverContracts?: { sweep: Sweep; table: string }[];
  }
}
