/** The owner of the locks, the partner's program, its sessions by installation, and the tokens that were given out. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { SimulatorClock } from '../clock.ts';
import type { Store } from '../store.ts';
import { Refusal, refusal } from './errors.ts';
import { type Claims, readJwt, signJwt } from './jwt.ts';
import { uuidOf } from './specs.ts';

export type Account = {
  email: string;
  phone: string;
  password: string;
  firstName: string;
  lastName: string;
  userId: string;
  apiKey: string;
  clientId: string;
  clientSecret: string;
};
type Install = { installId: string; validated: boolean; code: string | null };
type Refresh = { token: string; code: boolean; ended: boolean };
export type Answer = { status?: number; body: unknown; token?: string };
type Body = Record<string, unknown>;

const DAY_SECONDS = 86_400;
/** Stands for an installation in the tokens of a partner's program. */
const byConsent = 'oauth';
const sessionSeconds = 120 * DAY_SECONDS;

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts(o: {
  store: Store;
  clock: SimulatorClock;
  seed: string;
  wanted: Partial<Account>;
  tokenSeconds: number;
}) {
  const { store, clock } = o;
  const made = (what: string): string => createHash('sha256').update(`${o.seed} ${what}`).digest('hex').slice(0, 32);
  const secret = made('signing secret');
  const saved = store.table<Account>('account');
  const installs = store.table<Install>('installs');
  const refreshes = store.table<Refresh>('refresh tokens');
  const counters = store.table<number>('token counters');
  const bars = store.table<number>('tokens barred before');
  const givenOut: string[] = [];
  const mailed: string[] = [];
  const account: Account = {
    email: 'owner@keystead.example',
    phone: '+15550100',
    password: 'front-door-key',
    firstName: 'Robin',
    lastName: 'Owner',
    userId: uuidOf(`${o.seed} owner`),
    apiKey: made('api key'),
    clientId: made('client id'),
    clientSecret: made('client secret'),
    ...saved.get('account'),
    ...o.wanted,
  };
  saved.put('account', account);
  let seconds = o.tokenSeconds;

  function count(what: string): number {
    const number = (counters.get(what) ?? 0) + 1;
    counters.put(what, number);
    return number;
  }

  function tokenFor(installId: string, good: number): string {
    const iat = Math.floor(clock.now() / 1000);
    const jti = String(count('given'));
    const token = signJwt({ jti, iat, exp: iat + good, userId: account.userId, installId }, secret);
    givenOut.push(token);
    store.commit();
    return token;
  }

  /** Password and installation; `token` is worth something as soon as the installation was told a code. */
  function openSession({ identifier, password, installId }: Body): Answer {
    if (typeof identifier !== 'string' || typeof password !== 'string' || typeof installId !== 'string') {
      throw refusal('BadRequest', 'identifier, password and installId are required');
    }
    const known = [`email:${account.email}`, `phone:${account.phone}`].includes(identifier);
    const vPassword = known && password === account.password;
    const install = installs.get(installId) ?? { installId, validated: false, code: null };
    if (vPassword) installs.put(installId, install);
    const ready = vPassword && install.validated;
    const token = tokenFor(vPassword ? installId : '', sessionSeconds);
    const facts = { hasInstallId: true, hasPassword: true, hasEmail: true, hasPhone: true };
    const verified = { vInstallId: ready, vPassword, vEmail: vPassword, vPhone: vPassword };
    const expiresAt = new Date((Math.floor(clock.now() / 1000) + sessionSeconds) * 1000).toISOString();
    return { body: { installId, userId: vPassword ? account.userId : null, ...verified, ...facts, expiresAt }, token };
  }

  function sendCode(claims: Claims, value: unknown): Answer {
    const install = installs.get(claims.installId);
    if (install === undefined) throw refusal('InvalidCredentials', 'The password is wrong');
    if (value !== account.email && value !== account.phone) throw refusal('BadRequest', 'value is not of this account');
    const digits =
      createHmac('sha256', secret)
        .update(`code ${count('codes')}`)
        .digest()
        .readUInt32BE() % 1_000_000;
    const code = String(digits).padStart(6, '0');
    installs.put(install.installId, { ...install, code });
    mailed.push(code);
    store.commit();
    return { body: { code: 'sent', value } };
  }

  function validate(claims: Claims, code: unknown): Answer {
    const install = installs.get(claims.installId);
    if (install === undefined) throw refusal('InvalidCredentials', 'The password is wrong');
    if (install.code === null || install.code !== code) throw refusal('BadRequest', 'The code is wrong');
    installs.put(install.installId, { ...install, code: null, validated: true });
    return { body: { resolution: 'alreadyMerged' }, token: tokenFor(install.installId, sessionSeconds) };
  }

  /** `/access_token`: by a code of the authorization page, or by the refresh token, which is then another. */
  function grant(form: Body): Answer {
    if (form.client_id !== account.clientId || form.client_secret !== account.clientSecret) {
      throw new Refusal(401, 'invalid_client', 'Unknown client, or another secret');
    }
    const byCode = form.grant_type === 'authorization_code';
    if (!byCode && form.grant_type !== 'refresh_token')
      throw new Refusal(400, 'unsupported_grant_type', 'No such grant');
    const given = byCode ? form.code : form.refresh_token;
    const word = typeof given === 'string' ? given : '';
    const old = refreshes.get(word);
    if (old === undefined || old.ended || old.code !== byCode)
      throw new Refusal(400, 'invalid_grant', 'Worth nothing any more');
    refreshes.put(word, { ...old, ended: true });
    const refresh_token = newRefresh(false);
    const access_token = tokenFor(byConsent, seconds);
    return { body: { access_token, token_type: 'Bearer', expires_in: seconds, refresh_token } };
  }

  function newRefresh(code: boolean): string {
    const token = made(`${code ? 'code' : 'refresh'} ${count('refreshes')}`);
    refreshes.put(token, { token, code, ended: false });
    givenOut.push(token);
    store.commit();
    return token;
  }

  function claimsOf(token: string | undefined): Claims {
    const claims = token === undefined ? null : readJwt(token, secret);
    const barred = Number(claims?.jti ?? 0) <= (bars.get('barred') ?? 0);
    if (claims === null || barred || claims.exp * 1000 <= clock.now()) {
      throw refusal('InvalidCredentials', 'The access token is not valid');
    }
    return claims;
  }

  return {
    account,
    openSession,
    sendCode,
    validate,
    grant,
    claimsOf,
    /** The token of somebody who may call everything. */
    check(token: string | undefined): Claims {
      const claims = claimsOf(token);
      const knows = claims.installId === byConsent || installs.get(claims.installId)?.validated === true;
      if (!knows) throw refusal('InvalidCredentials', 'This installation has not been validated');
      return claims;
    },
    checkKey(key: string | undefined): void {
      if (key !== account.apiKey) throw refusal('Forbidden', 'API key is not valid');
    },
    /** The same for longer. */
    renewed: ({ installId }: Claims): string => tokenFor(installId, installId === byConsent ? seconds : sessionSeconds),
    /** What the authorization page gives to whoever consents. */
    newCode: (): string => newRefresh(true),
    /** As if somebody had consented and the code been used already. */
    consent: (): string => newRefresh(false),
    /** An installation that was told its code already. */
    trustedInstall(): string {
      const installId = randomUUID();
      installs.put(installId, { installId, validated: true, code: null });
      store.commit();
      return installId;
    },
    /** Somebody has thrown all installations out. */
    forgetInstalls(): void {
      for (const { installId } of installs.all()) installs.drop(installId);
      store.commit();
    },
    mailed: (): readonly string[] => mailed,
    /** Tokens and codes that were given out by this process. */
    secrets: (): readonly string[] => givenOut,
    /** No access token that was given out until now is good any more; nor, where `refreshToo`, any refresh token. */
    bar(refreshToo: boolean): void {
      bars.put('barred', counters.get('given') ?? 0);
      if (refreshToo) for (const one of refreshes.all()) refreshes.put(one.token, { ...one, ended: true });
      store.commit();
    },
    changePassword(password: string): void {
      account.password = password;
      saved.put('account', account);
      store.commit();
    },
    setTokenSeconds(next: number): void {
      seconds = next;
    },
  };
}
