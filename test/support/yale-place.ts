import { createRandom } from '../../src/host/random.ts';
import { createSecretBox } from '../../src/host/secret-box.ts';
import type { Answer, Laundry } from './laundry.ts';
import { password } from './laundry.ts';

/** A partner's program: its key, and what it calls. */
export type Program = { id: string; key: string; secret: string };

export type YaleCall = {
  key?: string | null;
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: string;
};

export const owner = 'owner@keystead.test';
export const helper = 'helper@keystead.test';
export const stranger = 'stranger@keystead.test';

/** Makes an API client as an administrator. */
export async function addProgram(
  laundry: Laundry,
  body: Record<string, unknown> = {},
  token = laundry.tokens.admin,
): Promise<Program> {
  const answer = await laundry.call('POST', '/api/api-clients', { token, body: { name: 'Partner', ...body } });
  if (answer.status !== 200) throw new Error(`an API client: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** A request under /yale. */
export function askYale(laundry: Laundry, method: string, path: string, o: YaleCall = {}): Promise<Answer> {
  const headers = {
    ...(o.key == null ? {} : { 'x-august-api-key': o.key }),
    ...(o.token == null ? {} : { 'x-august-access-token': o.token }),
    ...o.headers,
  };
  const { body, raw } = o;
  return laundry.call(method, `/yale${path}`, {
    headers,
    ...(body === undefined ? {} : { body }),
    ...(raw === undefined ? {} : { raw }),
  });
}

/** Signs in by password and, where it is asked for, by the code as it lies in the database: nobody waits for the mail. */
export async function yaleToken(
  laundry: Laundry,
  { key }: { key: string },
  email = owner,
  installId = `install of ${email}`,
): Promise<string> {
  const body = { identifier: `email:${email}`, password, installId };
  const session = await askYale(laundry, 'POST', '/session', { key, body });
  const token = session.headers.get('x-access-token');
  if (token === null || session.body.vPassword !== true) throw new Error(`${email} cannot sign in: ${session.text}`);
  if (session.body.vInstallId === true) return token;
  const sent = await askYale(laundry, 'POST', '/validation/email', { key, token, body: { value: email } });
  if (sent.status !== 200) throw new Error(`no code: ${sent.status} ${sent.text}`);
  const code = await newestCode(laundry);
  const confirmed = await askYale(laundry, 'POST', '/validate/email', { key, token, body: { code, email } });
  if (confirmed.status !== 200) throw new Error(`the code was refused: ${confirmed.text}`);
  return token;
}

/** The code that was made last. */
export async function newestCode({ app, clock, masterKey }: Laundry): Promise<string> {
  const { rows } = await app.database.pool.query<{ code_sealed: Buffer }>(
    'select code_sealed from sign_in_codes order by id desc limit 1',
  );
  const sealed = rows[0]?.code_sealed;
  if (sealed === undefined) throw new Error('There is no code');
  return createSecretBox(masterKey, createRandom(clock)).open('sign-in-code', sealed);
}
