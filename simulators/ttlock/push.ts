/**
 * Tells the address that was set at the developer's console of new records: a form, answered by the word `success`.
 * https://euopen.ttlock.com/document/doc?urlName=cloud/lockRecord/notifyEn.html
 */
import { deadline, pause, type SimulatorClock } from '../clock.ts';
import type { RecordRow } from './cloud.ts';
import type { Lock } from './lock.ts';
import { recordView } from './record-calls.ts';

/** `status` 0: nobody answered. `heard`: with the word that the platform waits for. */
export type Push = { at: number; lockId: number; body: string; status: number; heard: boolean };
export type PushTrouble = 'lost' | 'twice' | 'late';

const ANSWER_MS = 5000;
const AGAIN_MS = [300, 1000];
export const lateMs = 1500;
const REMEMBERED = 200;

export function createPushes(o: { clock: SimulatorClock; admin: string; url: () => string | null }) {
  const done: Push[] = [];
  const under = new Set<Promise<void>>();
  let trouble: PushTrouble | null = null;
  let closed = false;

  async function post(url: string, lockId: number, body: string): Promise<boolean> {
    const push: Push = { at: o.clock.now(), lockId, body, status: 0, heard: false };
    done.push(push);
    if (done.length > REMEMBERED) done.shift();
    try {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: deadline(ANSWER_MS),
      });
      push.status = answer.status;
      push.heard = answer.ok && (await answer.text()).trim() === 'success';
    } catch {
      push.heard = false; // nobody there
    }
    return push.heard;
  }

  async function deliver(url: string, lockId: number, body: string): Promise<void> {
    if (trouble === 'late') await pause(lateMs);
    if (trouble === 'twice') await post(url, lockId, body);
    for (const wait of [0, ...AGAIN_MS]) {
      if (wait > 0) await pause(wait);
      if (closed || (await post(url, lockId, body))) return;
    }
  }

  return {
    tell({ data }: Lock, rows: RecordRow[]): void {
      const url = o.url();
      if (url === null || closed || trouble === 'lost') return;
      const records = rows.map((row) => ({
        ...recordView(row),
        lockMac: data.mac,
        electricQuantity: row.electricQuantity,
      }));
      const body = new URLSearchParams({
        lockId: String(data.lockId),
        notifyType: '1',
        records: JSON.stringify(records),
        admin: o.admin,
        lockMac: data.mac,
      }).toString();
      const work = deliver(url, data.lockId, body);
      under.add(work);
      void work.finally(() => under.delete(work));
    },
    setTrouble(next: PushTrouble | null): void {
      trouble = next;
    },
    all: (): Push[] => [...done],
    underWay: (): number => under.size,
    async settled(): Promise<void> {
      await Promise.all(under);
    },
    close(): void {
      closed = true;
    },
  };
}
