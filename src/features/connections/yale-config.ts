import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { cloudServer } from '../../rules/cloud-server.ts';
import { invalid } from '../../rules/errors.ts';
import type { ConnectionRow } from './connections.store.ts';
import { masked } from './masked.ts';
import { type ConnectionInput, sealPurpose, type VendorForm, type YaleFamily } from './vendor-form.ts';

/**
 * An account at Yale or August: the API key of a program, and either a person's sign-in, for which the cloud knows our
 * installation, or what somebody's consent gave to a partner's program.
 */
export type YaleAccount = {
  family: YaleFamily;
  server: string;
  oauthServer: string;
  apiKey: string;
  login: YaleLogin;
};
type Password = { kind: 'password'; identifier: string; password: string; installId: string };
type Consent = { kind: 'oauth'; clientId: string; clientSecret: string; refreshToken: string };
type YaleLogin = Password | Consent;

/** The United States, and the rest of the world. */
const usualServers: Record<YaleFamily, { server: string; oauthServer: string }> = {
  august: { server: 'https://api-production.august.com', oauthServer: 'https://auth.august.com' },
  yale: { server: 'https://api.aaecosystem.com', oauthServer: 'https://oauth.aaecosystem.com' },
};

/** Throws VALIDATION_ERROR. A secret that is left out stays, for the servers and the name that it was given for. */
function accountOf(input: ConnectionInput, before: YaleAccount | null, random: Random): YaleAccount {
  const family = input.family ?? before?.family ?? 'yale';
  const kept = before?.family === family ? before : usualServers[family];
  const server = addressOf('server', input.server ?? kept.server);
  const oauthServer = addressOf('oauthServer', input.oauthServer ?? kept.oauthServer);
  const known = before !== null && before.server === server && before.oauthServer === oauthServer ? before : null;
  const apiKey = word('apiKey', input.apiKey ?? known?.apiKey, 256);
  return { family, server, oauthServer, apiKey, login: loginOf(input, known?.login ?? null, random) };
}

function loginOf(input: ConnectionInput, before: YaleLogin | null, random: Random): YaleLogin {
  const byConsent = [input.clientId, input.clientSecret, input.refreshToken].some((field) => field !== undefined);
  const byPassword = input.identifier !== undefined || input.password !== undefined;
  if (byConsent && byPassword) throw invalid('identifier', 'Give identifier and password, or a client, not both');
  if (byConsent || (!byPassword && before?.kind === 'oauth')) {
    const was = before?.kind === 'oauth' ? before : null;
    const clientId = word('clientId', input.clientId ?? was?.clientId, 256);
    const known = was?.clientId === clientId ? was : null;
    const clientSecret = word('clientSecret', input.clientSecret ?? known?.clientSecret, 512);
    return {
      kind: 'oauth',
      clientId,
      clientSecret,
      refreshToken: word('refreshToken', input.refreshToken ?? known?.refreshToken, 4096),
    };
  }
  const was = before?.kind === 'password' ? before : null;
  const identifier = identifierOf(input.identifier ?? was?.identifier);
  const known = was?.identifier === identifier ? was : null;
  const password = input.password ?? known?.password ?? '';
  if (password === '') throw invalid('password', 'password is required');
  // the cloud's memory of us: another person's is another installation
  const installId = known?.installId ?? random.bytes(16).toString('hex');
  return { kind: 'password', identifier, password, installId };
}

function addressOf(name: string, text: string): string {
  const server = cloudServer(text);
  if (server === null) throw invalid(name, `${name} must be an https address without a path`);
  return server;
}

function word(name: string, value: string | undefined, longest: number): string {
  const text = value?.trim() ?? '';
  if (text === '') throw invalid(name, `${name} is required`);
  if (text.length > longest || !/^[\x21-\x7e]+$/.test(text))
    throw invalid(name, `${name} must be copied as it was given`);
  return text;
}

/** `email:…` or `phone:+…`, as the cloud writes them; an e-mail address or a number alone will do. */
function identifierOf(value: string | undefined): string {
  const text = value?.trim() ?? '';
  const [, kind, rest = ''] = /^(?:(email|phone):)?(.+)$/.exec(text) ?? [];
  const isPhone = /^\+\d{6,15}$/.test(rest);
  if (kind !== 'phone' && /^[^\s@]{1,64}@[^\s@]{1,180}$/.test(rest)) return `email:${rest}`;
  if (kind !== 'email' && isPhone) return `phone:${rest}`;
  throw invalid('identifier', 'identifier must be an e-mail address, or a phone number such as +4915112345678');
}

type Open = Pick<YaleAccount, 'family' | 'server' | 'oauthServer'> & {
  login: Omit<Password, 'password'> | Pick<Consent, 'kind' | 'clientId'>;
};

export function openYale(row: ConnectionRow, box: SecretBox): YaleAccount {
  const { login, ...open } = row.config as Open; // written by split alone
  const sealed = JSON.parse(row.sealed === null ? '{}' : box.open(sealPurpose, row.sealed));
  const { apiKey, ...secrets } = sealed as { apiKey: string };
  return { ...open, apiKey, login: { ...login, ...secrets } as YaleLogin };
}

export const yaleForm: VendorForm = {
  name: 'Yale',
  fields: [
    'family',
    'server',
    'oauthServer',
    'apiKey',
    'identifier',
    'password',
    'clientId',
    'clientSecret',
    'refreshToken',
  ],
  split: (input, before, { box, random }) => {
    const { apiKey, login, ...open } = accountOf(input, before === null ? null : openYale(before, box), random);
    const seal = (secrets: Record<string, string>) => box.seal(sealPurpose, JSON.stringify({ apiKey, ...secrets }));
    if (login.kind === 'password') {
      const { password, ...rest } = login;
      return { config: { ...open, login: rest }, sealed: seal({ password }) };
    }
    const { clientSecret, refreshToken, ...rest } = login;
    return { config: { ...open, login: rest }, sealed: seal({ clientSecret, refreshToken }) };
  },
  open: openYale,
  show: (row, box) => {
    const { family, server, oauthServer, apiKey, login } = openYale(row, box);
    const shown = { vendor: 'yale', family, server, oauthServer, apiKey: masked(apiKey) } as const;
    if (login.kind === 'password') return { ...shown, identifier: login.identifier, hasPassword: true };
    return { ...shown, clientId: login.clientId, clientSecret: masked(login.clientSecret) };
  },
  told: (row, box) => {
    const { family, server, login } = openYale(row, box);
    return { family, server, login: login.kind };
  },
  secrets: (input) => {
    const names = {
      apiKey: 'API key',
      password: 'password',
      clientSecret: 'client secret',
      refreshToken: 'refresh token',
    };
    const changed = Object.entries(names).filter(([field]) => input[field as keyof typeof names] !== undefined);
    return changed.length === 0 ? null : `${changed.map(([, name]) => name).join(' and ')} changed`;
  },
};
