import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { startShellySimulator } from '../../../../simulators/shelly/start.ts';
import { lineOf } from '../../../apis/inbound/shelly-sockets.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import type { Rig, RigMaker } from '../../contract/rig.ts';
import { openDriver } from '../../registry.ts';
import { framesInstead, framesSilent, noRetryAfter } from './mqtt-rig.ts';
import { name, password, rigOn, untilQuiet } from './shelly-rig.ts';

/** Shelly relays that dial us, with a password of their own. */
export const websocketRig: RigMaker = {
  name: 'shelly-websocket, devices that dial us',
  instead: framesInstead,
  impossible: { 'busy-with-retry-after': noRetryAfter },
  silent: framesSilent,
  start: async (clock): Promise<Rig> => {
    const deps = { http: createVendorHttp({ clock }), clock, random: randomBytes };
    const driver = await openDriver('shelly-websocket', { devicePassword: password }, deps);
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => {
      socket.on('error', () => socket.terminate());
      socket.pause();
      driver.inbound?.accept(lineOf(socket, clock));
    });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const dials = `ws://127.0.0.1:${address.port}`;
    const devices = [{ name, password, load: { watts: 400 }, dials }];
    const shelly = await startShellySimulator({ stateDir: null, devices });
    const rig = rigOn(shelly, driver);
    await untilQuiet(rig);
    return {
      ...rig,
      timers: true,
      // it is asked who it is whenever it dials again
      most: { list: 3 + 3, observe: 3 + 3, perform: 5 + 3, switching: 2 },
      secrets: [password],
      stop: async () => {
        await driver.close?.();
        await shelly.close();
        for (const socket of server.clients) socket.terminate();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      },
    };
  },
};
