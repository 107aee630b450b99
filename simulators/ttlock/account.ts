/** The developer's application, the one user behind it, and the tokens that were given out. */
import { createHash } from 'node:crypto';
import type { SimulatorClock } from '../clock.ts';
import type { Store } from '../store.ts';
import { type ErrorCode, Refusal } from './errors.ts';

export type Account = {
  clientId: string;
  clientSecret: string;
  username: string;
  password: string; // as its owner types it
  uid: number;
};
type Token = { access: string; refresh: string; expiresAt: number; revoked: boolean };

export type Accounts = {
  account: Account;
  /** Both ways of `/oauth2/token`. */
  grant(form: URLSearchParams): Record<string, unknown>;
  check(form: URLSearchParams): void;
  /** Whether anybody ever signed in: before, nothing is pushed. */
  wasUsed(): boolean;
  revokeAll(): void;
  expireAll(): void;
  changePassword(password: string): void;
  setTokenSeconds(seconds: number): void;
};

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const REMEMBERED = 200;

export function createAccounts(o: {
  store: Store;
  clock: SimulatorClock;
  seed: string;
  wanted: Partial<Account>;
  tokenSeconds: number;
}): Accounts {
  const made = (what: string): string => md5(`${o.seed} ${what}`);
  const saved = o.store.table<Account>('account');
  const tokens = o.store.table<Token>('tokens');
  const counters = o.store.table<number>('token counter');
  const account: Account = {
    clientId: made('client id'),
    clientSecret: made('client secret'),
    username: 'owner@keystead.example',
    password: 'locksmith',
    uid: 2_340_001,
    ...saved.get('account'),
    ...o.wanted,
  };
  let seconds = o.tokenSeconds;
  saved.put('account', account);

  function give(): Token {
    const number = (counters.get('given') ?? 0) + 1;
    counters.put('given', number);
    const expiresAt = o.clock.now() + seconds * 1000;
    const token = { access: made(`access ${number}`), refresh: made(`refresh ${number}`), expiresAt, revoked: false };
    tokens.put(token.access, token);
    const [oldest] = tokens.all();
    if (tokens.size() > REMEMBERED && oldest !== undefined) tokens.drop(oldest.access);
    o.store.commit();
    return token;
  }

  function change(token: Token, what: Partial<Token>): void {
    tokens.put(token.access, { ...token, ...what });
    o.store.commit();
  }

  function checkClient(form: URLSearchParams): void {
    const id = form.get('clientId') ?? form.get('client_id');
    const secret = form.get('clientSecret') ?? form.get('client_secret');
    if (id !== account.clientId) throw new Refusal(10000);
    if (secret !== account.clientSecret) throw new Refusal(10001);
  }

  function signIn(form: URLSearchParams): Token {
    const password = form.get('password') ?? '';
    if (!/^[0-9a-f]{32}$/.test(password)) throw new Refusal(30005);
    if (form.get('username') !== account.username || password !== md5(account.password)) throw new Refusal(10007);
    return give();
  }

  /** The old pair is worth nothing afterwards. */
  function renew(form: URLSearchParams): Token {
    const refresh = form.get('refresh_token');
    const old = tokens.all().find((token) => token.refresh === refresh && !token.revoked);
    if (old === undefined) throw new Refusal(10011);
    change(old, { revoked: true });
    return give();
  }

  return {
    account,
    grant(form) {
      checkClient(form);
      const way = form.get('grant_type') ?? 'password';
      if (way !== 'password' && way !== 'refresh_token') throw new Refusal(10010);
      const { access, refresh } = way === 'password' ? signIn(form) : renew(form);
      return {
        access_token: access,
        ...(way === 'password' ? { uid: account.uid } : {}),
        refresh_token: refresh,
        expires_in: seconds,
        scope: 'user,key,room',
        token_type: 'Bearer',
      };
    },
    check(form) {
      if (form.get('clientId') !== account.clientId) throw new Refusal(10000);
      const token = tokens.get(form.get('accessToken') ?? '');
      if (token === undefined) throw new Refusal(10003);
      const worthless: ErrorCode = 10004;
      if (token.revoked || o.clock.now() >= token.expiresAt) throw new Refusal(worthless);
    },
    wasUsed: () => (counters.get('given') ?? 0) > 0,
    revokeAll() {
      for (const token of tokens.all()) tokens.put(token.access, { ...token, revoked: true });
      o.store.commit();
    },
    expireAll() {
      for (const token of tokens.all()) tokens.put(token.access, { ...token, expiresAt: o.clock.now() });
      o.store.commit();
    },
    changePassword(password) {
      account.password = password;
      saved.put('account', account);
      o.store.commit();
    },
    setTokenSeconds(next) {
      seconds = next;
    },
  };
}
