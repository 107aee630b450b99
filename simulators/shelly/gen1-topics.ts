/** What a device of generation 1 hears and says on a broker: https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support */
import { after, pause } from '../clock.ts';
import { hear, underWay } from '../heard.ts';
import { lateMs, type TroubleKind } from '../trouble.ts';
import type { Device } from './device.ts';
import type { WayDeps } from './frame-server.ts';
import { call } from './methods.ts';

type Publish = (topic: string, text: string) => void;

const PIECE_MS = 40;

/** `hangUp` loses the connection without a farewell. */
export function createGen1Topics(device: Device, publish: Publish, hangUp: () => void, o: WayDeps) {
  /** Asked for each time: whoever pretends to be another one speaks under another's name. */
  const prefix = (): string => `shellies/${device.record.id}`;

  function announce(): void {
    const { id } = device.record;
    publish('shellies/announce', JSON.stringify({ id, model: 'SHPLG-S', mac: id, fw_ver: '1.14.0' }));
  }

  /** The state of its relays; `wrong`: said in place of it. */
  function update(wrong: string | null = null): void {
    device.settle();
    for (const relay of device.record.relays) {
      publish(`${prefix()}/relay/${relay.channel}`, wrong ?? (relay.output ? 'on' : 'off'));
      if (wrong === null) publish(`${prefix()}/relay/${relay.channel}/power`, device.watts(relay.channel).toFixed(2));
    }
  }

  async function handle(topic: string, text: string): Promise<void> {
    const channel = /\/relay\/(\d+)\/command$/.exec(topic)?.[1];
    const switching = channel !== undefined && /^(on|off)$/.test(text);
    if (device.record.fault === 'offline') return;
    hear(o.heard, null, switching);
    const act = (): void => {
      if (switching) call(device, 'Switch.Set', { id: Number(channel), on: text === 'on' }, 'mqtt');
    };
    const say = (): void => {
      if (text === 'announce') announce();
      if (text === 'update') update();
    };
    const trouble = o.troubles.next(switching ? 'switching' : 'looking');
    if (device.record.fault === 'slow') await pause(o.slowMs);
    device.troubled(trouble);
    await spoil(trouble, act, say).finally(() => device.troubled(null));
  }

  /** It acknowledges nothing: whatever goes wrong is in what is done, and in the state that is said when asked for. */
  async function spoil(trouble: TroubleKind | null, act: () => void, say: () => void): Promise<void> {
    if (trouble === 'timeout-before') return;
    if (trouble === 'late') await pause(lateMs);
    act();
    if (trouble === 'done-twice') act();
    if (trouble === 'timeout-after') return;
    if (trouble === 'cut-off') return hangUp();
    if (trouble === 'malformed') return update('\u0000{"ison":');
    if (trouble === 'wrong-types') return update('1');
    if (trouble === 'slow-drip') return drip('off, on or overpower');
    say();
  }

  function drip(text: string): void {
    if (text === '') return;
    update(text.slice(0, 1));
    after(PIECE_MS, () => drip(text.slice(1)));
  }

  return { announce, update: () => update(), handle: (...all: [string, string]) => underWay(o.heard, handle(...all)) };
}
