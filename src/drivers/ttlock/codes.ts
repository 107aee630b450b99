import type { CodeOnLock, LockRef } from '../lock-port.ts';
import type { TtlockClient } from './client.ts';
import { windowOf } from './code-times.ts';
import { lockIdOrFault } from './lock-id.ts';
import { allPages } from './pages.ts';
import { ListedCode } from './wire.ts';

const pageSize = 100;

/** The codes that the platform knows to be on the lock; what was set at the keypad by hand is not among them. */
export async function listCodes(client: TtlockClient, ref: LockRef, signal: AbortSignal): Promise<CodeOnLock[]> {
  const fields = { lockId: lockIdOrFault(ref) };
  const wanted = { path: '/v3/lock/listKeyboardPwd', fields, pageSize, of: ListedCode };
  return (await allPages(client, wanted, signal)).map((code) => ({
    reference: String(code.keyboardPwdId),
    slot: null,
    pin: nonEmpty(code.keyboardPwd),
    name: nonEmpty(code.keyboardPwdName),
    window: windowOf(code),
  }));
}

const nonEmpty = (text: string | null | undefined): string | null => (text === '' ? null : (text ?? null));
