import { createHash } from 'node:crypto';
import type { SecretBox } from '../../host/secret-box.ts';
import { cloudServer } from '../../rules/cloud-server.ts';
import { invalid } from '../../rules/errors.ts';
import { required } from '../../rules/text.ts';
import type { ConnectionRow } from './connections.store.ts';
import { masked } from './masked.ts';
import { type ConnectionInput, sealPurpose, type VendorForm } from './vendor-form.ts';

/**
 * An account at TTLock: our application at its platform, and a user of its app. Of the password only what the platform
 * wants of it, its MD5, is ever kept, and that sealed.
 */
export type TtlockAccount = {
  server: string;
  clientId: string;
  clientSecret: string;
  username: string;
  passwordMd5: string;
  /** How many requests it may cost the platform in a month; left out: nobody said. */
  monthlyRequests?: number;
};
type Named = 'server' | 'clientId' | 'clientSecret' | 'username' | 'password';
export type TtlockInput = Pick<ConnectionInput, Named | 'monthlyRequests'>;
export type TtlockNames = { [Field in Named]: string };

/** Where most of the world's accounts live; China's at cnapi.ttlock.com. */
export const usualServer = 'https://euapi.ttlock.com';

const fields = {
  server: 'server',
  clientId: 'clientId',
  clientSecret: 'clientSecret',
  username: 'username',
  password: 'password',
} as const satisfies TtlockNames;

/**
 * The account that is meant; throws VALIDATION_ERROR. A secret that is left out stays, for the server and the name that it
 * was given for and for no other. `names`: of the fields as the caller wrote them.
 */
export function ttlockAccount(
  input: TtlockInput,
  before: TtlockAccount | null,
  names: TtlockNames = fields,
): TtlockAccount {
  const given = input.server ?? before?.server ?? usualServer;
  const server = cloudServer(given);
  if (server === null) {
    throw invalid(names.server, `${names.server} must be euapi.ttlock.com, cnapi.ttlock.com or another https address`);
  }
  const clientId = word(names.clientId, input.clientId ?? before?.clientId, 'is required');
  const username = named(names.username, input.username ?? before?.username);
  const known = before?.server === server ? before : null;
  const secret = known?.clientId === clientId ? known.clientSecret : undefined;
  const why = before === null ? 'is required' : 'is required again for another server or client id';
  const clientSecret = word(names.clientSecret, input.clientSecret ?? secret, why);
  const allowed = input.monthlyRequests === undefined ? before?.monthlyRequests : input.monthlyRequests;
  const quota = typeof allowed === 'number' ? { monthlyRequests: allowed } : {};
  return { server, clientId, clientSecret, username, passwordMd5: passwordMd5(), ...quota };

  function passwordMd5(): string {
    const { password } = input;
    if (password !== undefined && password !== null && password !== '') return md5(password);
    if (password === undefined && known !== null && known.username === username) return known.passwordMd5;
    const again = before === null ? 'is required' : 'is required again for another server or user';
    throw invalid(names.password, `${names.password} ${again}`);
  }
}

function word(name: string, value: string | undefined, missing: string): string {
  const text = value?.trim() ?? '';
  if (text === '') throw invalid(name, `${name} ${missing}`);
  if (!/^[\x21-\x7e]{4,128}$/.test(text)) {
    throw invalid(name, `${name} must be copied from the application at TTLock's open platform`);
  }
  return text;
}

function named(name: string, value: string | null | undefined): string {
  if (value === null || value === undefined) throw invalid(name, `${name} is required: a user of the TTLock app`);
  return required(name, value, 200);
}

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

export function openTtlock(row: ConnectionRow, box: SecretBox): TtlockAccount {
  const open = row.config as Omit<TtlockAccount, 'clientSecret' | 'passwordMd5'>; // written by split alone
  const sealed = JSON.parse(row.sealed === null ? '{}' : box.open(sealPurpose, row.sealed));
  return { ...open, ...(sealed as Pick<TtlockAccount, 'clientSecret' | 'passwordMd5'>) };
}

export const ttlockForm: VendorForm = {
  name: 'TTLock',
  fields: ['server', 'clientId', 'clientSecret', 'username', 'password', 'monthlyRequests'],
  split: (input, before, { box }) => {
    const { clientSecret, passwordMd5, ...config } = ttlockAccount(
      input,
      before === null ? null : openTtlock(before, box),
    );
    return { config, sealed: box.seal(sealPurpose, JSON.stringify({ clientSecret, passwordMd5 })) };
  },
  open: openTtlock,
  show: (row, box) => {
    const { server, clientId, clientSecret, username, monthlyRequests = null } = openTtlock(row, box);
    const shown = { server, clientId, clientSecret: masked(clientSecret), username, hasPassword: true };
    return { vendor: 'ttlock', ...shown, monthlyRequests };
  },
  told: (row, box) => {
    const { server, clientId } = openTtlock(row, box);
    return { server, clientId };
  },
  secrets: ({ clientSecret, password }) => {
    const changed = [
      ...(clientSecret === undefined ? [] : ['client secret']),
      ...(password === undefined ? [] : ['password']),
    ];
    return changed.length === 0 ? null : `${changed.join(' and ')} changed`;
  },
};
