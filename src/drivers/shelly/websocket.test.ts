import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemClock } from '../../host/clock.ts';
import type { Line } from '../port.ts';
import { createShellyWebSocketDriver } from './websocket-driver.ts';

/** The other end of a socket: a device that says who it is, and answers until it is cut off. */
function device(id: string) {
  let on: Parameters<Line['listen']>[0] | null = null;
  const state: { closed: string | null; answers: boolean } = { closed: null, answers: true };
  const say = (frame: object) => on?.message(JSON.stringify({ src: id, ...frame }));
  const line: Line = {
    listen(to) {
      on = to;
    },
    send(text) {
      const { id: number, method } = JSON.parse(text) as { id: number; method: string };
      if (!state.answers) return;
      const result = method === 'Shelly.GetDeviceInfo' ? { id } : { 'switch:0': { id: 0, output: false } };
      queueMicrotask(() => say({ id: number, result }));
    },
    close(why) {
      if (state.closed !== null) return;
      state.closed = why;
      on?.closed();
    },
  };
  const hello = () => say({ method: 'NotifyFullStatus', params: { ts: 1, 'switch:0': { id: 0, output: false } } });
  return { line, state, hello };
}

const most = 250;
const idOf = (n: number): string => `shellyplus1-${n.toString(16).padStart(12, '0')}`;
const settled = (): Promise<void> => systemClock.sleep(20);

test('a server full of devices lets one of them dial again, and no other', async () => {
  const driver = createShellyWebSocketDriver({ clock: systemClock, random: randomBytes });
  const dial = async (id: string) => {
    const dialled = device(id);
    driver.inbound?.accept(dialled.line);
    dialled.hello();
    for (let n = 0; n < 200 && driver.inbound?.holds(id) === false && dialled.state.closed === null; n++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return dialled;
  };
  const all = [];
  for (let n = 0; n < most; n++) all.push(await dial(idOf(n)));
  expect(all.filter(({ state }) => state.closed !== null)).toEqual([]);

  const stranger = await dial(idOf(most));
  await settled();
  expect([stranger.state.closed, driver.inbound?.holds(idOf(most))]).toEqual(['too many devices', false]);

  const [first] = all;
  if (first === undefined) throw new Error('There is no device');
  first.state.answers = false; // its way broke, and nobody has noticed yet
  const again = await dial(idOf(0));
  for (let n = 0; n < 300 && first.state.closed === null; n++) await settled();
  expect([first.state.closed, again.state.closed]).toEqual(['the device has dialled again', null]);
  expect(driver.inbound?.holds(idOf(0))).toBe(true);
  await driver.close?.();
}, 20_000);
