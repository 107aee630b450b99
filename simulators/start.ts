/** All simulators and the virtual building together. */
import type { Building, Link } from './building/start.ts';
import { startBuilding } from './building/start.ts';
import type { SimulatorClock } from './clock.ts';
import { type MailSimulator, startMailSimulator } from './mail/start.ts';
import { type Broker, startBroker } from './mqtt/start.ts';
import { type ShellySimulator, type ShellySpec, startShellySimulator } from './shelly/start.ts';
import { type StripeSimulator, startStripeSimulator } from './stripe/start.ts';
import { type GatewaySpec, type LockSpec, startTtlock, type TtlockSimulator } from './ttlock/start.ts';
import { startYale, type YaleOptions, type YaleSimulator } from './yale/start.ts';

export type SimulatorsOptions = {
  dir: string | null; // null: nothing is remembered after close
  clock?: SimulatorClock;
  devices: ShellySpec[];
  gateways?: GatewaySpec[];
  locks?: LockSpec[];
  /** Who is told of what happens at the locks. */
  lockCallbackUrl?: string;
  /** Locks and bridges in Yale's cloud. */
  yale?: Pick<YaleOptions, 'bridges' | 'locks'>;
  webhookUrl?: string;
  links?: () => Link[];
  /** An MQTT broker beside them, and which devices also sit on it. */
  broker?: { devices: string[]; port?: number };
};
export type Simulators = {
  stripe: StripeSimulator;
  shelly: ShellySimulator;
  ttlock: TtlockSimulator;
  yale: YaleSimulator;
  mail: MailSimulator;
  building: Building;
  broker: Broker | null;
  close(): Promise<void>;
};

const AIR_MS = 300; // a command to a lock through the air, as people see it

export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const { dir: stateDir, devices, webhookUrl, links } = options;
  const timed = options.clock === undefined ? {} : { clock: options.clock };
  const stripe = await startStripeSimulator({
    stateDir,
    ...timed,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
  });
  const started: { close(): Promise<void> }[] = [stripe];
  const close = async () => {
    for (const each of started.toReversed()) await each.close();
  };
  try {
    const broker = options.broker !== undefined ? await startBroker(options.broker) : null;
    if (broker !== null) started.push(broker);
    const shelly = await startShellySimulator({ stateDir, ...timed, devices });
    started.push(shelly);
    if (broker !== null) for (const name of options.broker?.devices ?? []) shelly.joinBroker(name, { url: broker.url });
    const ttlock = await startTtlock({
      stateDir,
      ...timed,
      gateways: options.gateways ?? [],
      locks: options.locks ?? [],
      callbackUrl: options.lockCallbackUrl ?? null,
      airMs: AIR_MS,
    });
    started.push(ttlock);
    const yale = await startYale({ stateDir, ...timed, ...options.yale, airMs: AIR_MS });
    started.push(yale);
    const mail = await startMailSimulator({ stateDir, ...timed });
    started.push(mail);
    const building = await startBuilding({
      stripe,
      shelly,
      ttlock,
      yale,
      stateDir,
      ...(links === undefined ? {} : { links }),
    });
    started.push(building);
    return { stripe, shelly, ttlock, yale, mail, building, broker, close };
  } catch (error) {
    await close(); // one port taken must not leave the others running
    throw error;
  }
}
