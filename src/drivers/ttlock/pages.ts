import type { Static, TSchema } from 'typebox';
import { VendorFault } from '../port.ts';
import { faultOf } from './ask.ts';
import type { Fields, TtlockClient } from './client.ts';
import { parsePage } from './wire.ts';

/** No account is this large: an answer that says so is wrong. */
const mostPages = 100;

/** All pages of a list; throws VendorFault. */
export async function allPages<S extends TSchema>(
  client: TtlockClient,
  { path, fields = {}, pageSize, of }: { path: string; fields?: Fields; pageSize: number; of: S },
  signal: AbortSignal,
): Promise<Static<S>[]> {
  const all: Static<S>[] = [];
  for (let pageNo = 1; pageNo <= mostPages; pageNo++) {
    const answer = await client.call(path, { ...fields, pageNo, pageSize }, signal);
    if (answer.kind !== 'answer') throw faultOf(answer);
    const page = parsePage(of, answer.value);
    if (page === null) throw new VendorFault('vendor', 'TTLock: a list cannot be understood');
    all.push(...page.list);
    if (pageNo >= page.pages || page.list.length === 0) return all;
  }
  return all;
}
