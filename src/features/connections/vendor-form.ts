import type { HardwareVendor } from '../../drivers/port.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { ConnectionRow } from './connections.store.ts';
import type { DevicePasswordsInput, DevicePasswordsView } from './device-passwords.ts';
import type { Masked } from './masked.ts';

/** One relay on the local network. A password left out keeps the one that is set; null or empty takes it away. */
export type LanDevice = { address: string; password?: string | null };

/** All that a connection of any vendor is made of; each vendor's form takes its own. */
export type ConnectionInput = DevicePasswordsInput & {
  name?: string;
  devices?: LanDevice[];
  server?: string;
  authKey?: string;
  url?: string;
  username?: string | null;
  password?: string | null;
  topics?: string[];
  clientId?: string;
  clientSecret?: string;
  family?: YaleFamily;
  oauthServer?: string;
  apiKey?: string;
  identifier?: string;
  refreshToken?: string;
  monthlyRequests?: number | null;
};

/** Which of its two clouds: August's in the United States, or Yale's. */
export type YaleFamily = 'august' | 'yale';

/** What administrators see of it: no password and no key, only whether one is set. */
export type Shown =
  | { vendor: 'shelly-lan'; devices: { address: string; hasPassword: boolean }[] }
  | { vendor: 'shelly-cloud'; server: string; authKey: Masked }
  | ({ vendor: 'shelly-mqtt' } & ShownBroker & DevicePasswordsView)
  | ({ vendor: 'yale'; family: YaleFamily; server: string; oauthServer: string; apiKey: Masked } & (
      | { identifier: string; hasPassword: boolean }
      | { clientId: string; clientSecret: Masked }
    ))
  | {
      vendor: 'ttlock';
      server: string;
      clientId: string;
      clientSecret: Masked;
      username: string;
      hasPassword: boolean;
      monthlyRequests: number | null;
    }
  /** `secret`: of the address that devices dial; administrators copy it into them. */
  | ({ vendor: 'shelly-websocket'; secret: string } & DevicePasswordsView);

export type ShownBroker = { url: string; username: string | null; hasPassword: boolean; topics: string[] };

/** How the connections of one vendor are written down: addresses in the open, secrets sealed beside them. */
export type VendorForm = {
  /** When nobody gives it a name. */
  name: string;
  fields: readonly (keyof ConnectionInput)[];
  /** Throws VALIDATION_ERROR. `before`: what is changed; null: a new one. */
  split(
    input: ConnectionInput,
    before: ConnectionRow | null,
    host: { box: SecretBox; random: Random },
  ): Pick<ConnectionRow, 'config' | 'sealed'>;
  /** As the driver takes it, with its secrets. */
  open(row: ConnectionRow, box: SecretBox): unknown;
  show(row: ConnectionRow, box: SecretBox): Shown;
  /** For the record of changes: without secrets. */
  told(row: ConnectionRow, box: SecretBox): unknown;
  /** Which secrets this input changes, in a word; null: none. */
  secrets(input: ConnectionInput): string | null;
};

export type VendorForms = Record<HardwareVendor, VendorForm>;

export const sealPurpose = 'connection';
