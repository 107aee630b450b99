import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { ConnectionRow } from './connections.store.ts';
import {
  changedPasswords,
  type DevicePasswords,
  type DevicePasswordsInput,
  passwordsView,
} from './device-passwords.ts';
import { sealPurpose as purpose, type VendorForm } from './vendor-form.ts';

/** Devices that dial us: the secret in the address they dial is made by us, and found again by its keyed hash. */
type Sealed = DevicePasswords & { secret: string };

export const inboundForm: VendorForm = {
  name: 'Shelly that dials in',
  fields: ['devicePassword', 'devicePasswords'],
  split: (input, before, { box, random }) => splitInbound(input, before, box, random),
  open: joinInbound,
  show: (row, box) => ({
    vendor: 'shelly-websocket',
    secret: inboundSecret(row, box),
    ...passwordsView(joinInbound(row, box)),
  }),
  told: () => [],
  secrets: ({ devicePassword, devicePasswords }) =>
    devicePassword === undefined && devicePasswords === undefined ? null : 'passwords changed',
};

function splitInbound(
  input: DevicePasswordsInput,
  before: ConnectionRow | null,
  box: SecretBox,
  random: Random,
): Pick<ConnectionRow, 'config' | 'sealed'> {
  const kept = before === null ? { secret: random.token() } : sealedOf(before, box);
  return sealed({ secret: kept.secret, ...changedPasswords(input, kept) }, box);
}

/** The same with another secret: the address that devices dialled so far is dead. */
export function withNewSecret(
  before: ConnectionRow,
  box: SecretBox,
  random: Random,
): Pick<ConnectionRow, 'config' | 'sealed'> {
  return sealed({ ...sealedOf(before, box), secret: random.token() }, box);
}

export function inboundSecret(row: ConnectionRow, box: SecretBox): string {
  return sealedOf(row, box).secret;
}

/** What devices dial. */
export const dialUrl = (publicUrl: string, secret: string): string =>
  `${publicUrl.replace(/^http/, 'ws')}/api/inbound/shelly/${secret}`;

/** The key of the secret in the directory. */
export const inboundKey = (secret: string, box: SecretBox): string =>
  box.hash('inbound-secret', secret).toString('hex');

/** As the driver takes it: which address they dial is no concern of its. */
function joinInbound(row: ConnectionRow, box: SecretBox): DevicePasswords {
  const { secret: _, ...passwords } = sealedOf(row, box);
  return passwords;
}

const sealed = (kept: Sealed, box: SecretBox) => ({ config: {}, sealed: box.seal(purpose, JSON.stringify(kept)) });

function sealedOf(row: ConnectionRow, box: SecretBox): Sealed {
  if (row.sealed === null) throw new Error(`connection ${row.id} has lost its secret`);
  return JSON.parse(box.open(purpose, row.sealed)) as Sealed; // written by splitInbound alone
}
