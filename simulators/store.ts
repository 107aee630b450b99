/**
 * What a simulator remembers. Tables of plain JSON values in memory; with a file, `commit()` returns only when every
 * change since the last commit is on the disk, as one line of a journal: after kill -9 either the whole commit is
 * there or nothing of it. The journal is rewritten (temporary file, fsync, rename) at the first commit of a process,
 * so a process must own the simulator's port before it commits.
 */
import fs from 'node:fs';
import path from 'node:path';

export type Table<T> = {
  get(id: string): T | undefined;
  /** Also call it after changing a value in place: that is how the store knows. */
  put(id: string, value: T): void;
  drop(id: string): void;
  /** In order of first insertion. */
  all(): T[];
  size(): number;
};
export type Store = { table<T>(name: string): Table<T>; commit(): void; close(): void };

const LARGEST_JOURNAL = 64 * 1024 * 1024;

type Change = [table: string, id: string, value?: unknown];

export function openStore(file: string | null): Store {
  const tables = new Map<string, Map<string, unknown>>();
  const changed = new Map<string, Change>();
  let journal: number | null = null;
  let written = 0; // bytes since the last rewrite
  let closed = false; // a late timer must not write over the next process's journal

  function rows(name: string): Map<string, unknown> {
    const found = tables.get(name) ?? new Map<string, unknown>();
    tables.set(name, found);
    return found;
  }
  if (file !== null) for (const [name, id, value] of readJournal(file)) apply(rows(name), id, value);

  return {
    table<T>(name: string): Table<T> {
      const mine = rows(name) as Map<string, T>; // the journal holds only what this same table was given
      return {
        get: (id) => mine.get(id),
        put(id, value) {
          mine.set(id, value);
          changed.set(`${name} ${id}`, [name, id, value]);
        },
        drop(id) {
          mine.delete(id);
          changed.set(`${name} ${id}`, [name, id]);
        },
        all: () => [...mine.values()],
        size: () => mine.size,
      };
    },
    commit() {
      if (changed.size === 0 || closed) return;
      const line = `${JSON.stringify([...changed.values()])}\n`;
      changed.clear();
      if (file === null) return;
      if (journal !== null && written < LARGEST_JOURNAL) {
        fs.appendFileSync(journal, line);
        fs.fdatasyncSync(journal);
        written += line.length;
        return;
      }
      if (journal !== null) fs.closeSync(journal);
      journal = rewrite(
        file,
        [...tables].flatMap(([name, all]) => [...all].map(([id, value]): Change => [name, id, value])),
      );
      written = 0;
    },
    close() {
      closed = true;
      if (journal !== null) fs.closeSync(journal);
      journal = null;
    },
  };
}

function apply(rows: Map<string, unknown>, id: string, value: unknown): void {
  if (value === undefined) rows.delete(id);
  else rows.set(id, value);
}

function readJournal(file: string): Change[] {
  if (!fs.existsSync(file)) return [];
  const changes: Change[] = [];
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    try {
      changes.push(...(JSON.parse(line) as Change[]));
    } catch {
      break; // a line cut off by a kill: its commit was never answered
    }
  }
  return changes;
}

function rewrite(file: string, everything: Change[]): number {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.new`;
  const handle = fs.openSync(fresh, 'w', 0o600);
  for (const change of everything) fs.appendFileSync(handle, `${JSON.stringify([change])}\n`);
  fs.fsyncSync(handle);
  fs.renameSync(fresh, file);
  const folder = fs.openSync(path.dirname(file), 'r');
  fs.fsyncSync(folder);
  fs.closeSync(folder);
  return handle; // still the same file, positioned at its end
}
