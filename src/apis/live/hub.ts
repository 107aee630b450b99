import type { Notification } from '../../database/notify.ts';
import type { Database } from '../../database/open.ts';

/** Hands announcements of the database to whoever waits for one thing in this process. After a gap, to everybody. */
export type Hub = {
  on(topic: string, id: string, call: () => void): () => void;
  /** How many wait for it in this process. */
  waiting(topic: string, id: string): number;
  close(): Promise<void>;
};

export async function createHub(database: Pick<Database, 'listen'>): Promise<Hub> {
  const waiting = new Map<string, Set<() => void>>();
  const hear = ({ topic, id }: Notification): void => {
    if (topic === '*resync') for (const calls of waiting.values()) for (const call of calls) call();
    else for (const call of waiting.get(`${topic} ${id ?? ''}`) ?? []) call();
  };
  const listener = await database.listen(hear);
  return {
    on(topic, id, call) {
      const key = `${topic} ${id}`;
      const calls = waiting.get(key) ?? new Set();
      waiting.set(key, calls.add(call));
      return () => {
        calls.delete(call);
        if (calls.size === 0 && waiting.get(key) === calls) waiting.delete(key);
      };
    },
    waiting: (topic, id) => waiting.get(`${topic} ${id}`)?.size ?? 0,
    close: () => listener.close(),
  };
}
