import { createHash } from 'node:crypto';
import type { Laundry } from './laundry.ts';

/** The vendor's own app in somebody's hand: sets codes on a lock without us. */
export async function openTtlockApp({ ttlock, clock }: Pick<Laundry, 'ttlock' | 'clock'>) {
  const { clientId, clientSecret, username, password } = ttlock.account;
  const ask = async (path: string, fields: Record<string, string | number>) => {
    const form = Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]);
    const response = await fetch(`${ttlock.url}/${path}`, { method: 'POST', body: new URLSearchParams(form) });
    return (await response.json()) as Record<string, unknown>;
  };
  const hashed = createHash('md5').update(password).digest('hex');
  const signedIn = await ask('oauth2/token', { clientId, clientSecret, username, password: hashed });
  const call = (path: string, fields: Record<string, string | number>) =>
    ask(`v3/${path}`, { clientId, accessToken: String(signedIn.access_token), date: clock.now(), ...fields });
  return {
    async addCode(lockId: number, keyboardPwd: string, keyboardPwdName: string): Promise<number> {
      const times = { startDate: clock.now(), endDate: clock.now() + 30 * 86_400_000 };
      const said = await call('keyboardPwd/add', { lockId, keyboardPwd, keyboardPwdName, addType: 2, ...times });
      if (typeof said.keyboardPwdId !== 'number')
        throw new Error(`The app could not set a code: ${String(said.errmsg)}`);
      return said.keyboardPwdId;
    },
    /** One that the platform works out, for working days: its times recur. */
    async giveWorkdayCode(lockId: number, keyboardPwdName: string): Promise<string> {
      const startDate = Math.floor(clock.now() / 3_600_000) * 3_600_000;
      const times = { startDate, endDate: startDate + 3_600_000 };
      const kind = { keyboardPwdVersion: 4, keyboardPwdType: 7 };
      const said = await call('keyboardPwd/get', { lockId, keyboardPwdName, ...kind, ...times });
      if (typeof said.keyboardPwd !== 'string') throw new Error(`The app was given no code: ${String(said.errmsg)}`);
      return said.keyboardPwd;
    },
    deleteCode: (lockId: number, keyboardPwdId: number) =>
      call('keyboardPwd/delete', { lockId, keyboardPwdId, deleteType: 2 }),
    changeCode: (lockId: number, keyboardPwdId: number, newKeyboardPwd: string) =>
      call('keyboardPwd/change', { lockId, keyboardPwdId, newKeyboardPwd, changeType: 2 }),
  };
}
