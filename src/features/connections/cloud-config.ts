import type { SecretBox } from '../../host/secret-box.ts';
import { cloudServer } from '../../rules/cloud-server.ts';
import { invalid } from '../../rules/errors.ts';
import type { ConnectionRow } from './connections.store.ts';
import { masked } from './masked.ts';
import { type ConnectionInput, sealPurpose, type VendorForm } from './vendor-form.ts';

/** An account at Shelly's cloud. A key left out stays, for the server that it was given for and for no other. */
export type CloudAccount = { server: string; authKey: string };

const fields = { server: 'server', authKey: 'authKey' };

/** The account that is meant; throws VALIDATION_ERROR. `names`: of the fields as the caller wrote them. */
export function cloudAccount(
  input: Pick<ConnectionInput, 'server' | 'authKey'>,
  before: CloudAccount | null,
  names: { server: string; authKey: string } = fields,
): CloudAccount {
  const given = input.server ?? before?.server;
  if (given === undefined) throw invalid(names.server, `${names.server} is required`);
  const server = cloudServer(given);
  if (server === null) {
    throw invalid(
      names.server,
      `${names.server} must be the server that the Shelly app names, as shelly-1-eu.shelly.cloud`,
    );
  }
  const kept = before?.server === server ? before.authKey : undefined;
  const authKey = input.authKey?.trim() ?? kept;
  if (authKey === undefined) {
    const why = before === null ? 'is required' : 'is required again for another server';
    throw invalid(names.authKey, `${names.authKey} ${why}`);
  }
  if (!/^[\x21-\x7e]{8,512}$/.test(authKey)) {
    throw invalid(names.authKey, `${names.authKey} must be the authorization cloud key that the Shelly app shows`);
  }
  return { server, authKey };
}

export function openAccount(row: ConnectionRow, box: SecretBox): CloudAccount {
  const { server } = row.config as { server: string }; // written by split alone
  const { authKey } = JSON.parse(row.sealed === null ? '{}' : box.open(sealPurpose, row.sealed)) as { authKey: string };
  return { server, authKey };
}

export const cloudForm: VendorForm = {
  name: 'Shelly Cloud',
  fields: ['server', 'authKey'],
  split: (input, before, { box }) => {
    const { server, authKey } = cloudAccount(input, before === null ? null : openAccount(before, box));
    return { config: { server }, sealed: box.seal(sealPurpose, JSON.stringify({ authKey })) };
  },
  open: openAccount,
  show: (row, box) => {
    const { server, authKey } = openAccount(row, box);
    return { vendor: 'shelly-cloud', server, authKey: masked(authKey) };
  },
  told: (row, box) => openAccount(row, box).server,
  secrets: (input) => (input.authKey === undefined ? null : 'auth key changed'),
};
