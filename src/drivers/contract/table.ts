import { faultClasses, faultFacts } from './faults.ts';
import type { Cell, Sweep } from './sweep.ts';

/** One table a driver: faults down, operations across, in each cell what was said and how often. */
export function tableOf({ name, operations, cells, instead }: Sweep): string {
  const header = ['', ...operations];
  const rows = faultClasses.map((fault) => {
    const mark = instead[fault] === undefined ? '' : ' *';
    const said = operations.map((operation) =>
      textOf(cells.find((cell) => cell.operation === operation && cell.fault === fault)),
    );
    return [`${faultFacts[fault].title}${mark}`, ...said];
  });
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ');
  const lines = [header, ...rows].map((row) => line(row).trimEnd());
  const notes = faultClasses.flatMap((fault) => {
    const note = instead[fault];
    return note === undefined ? [] : [`* ${faultFacts[fault].title}: ${note}`];
  });
  return [`Driver contract: ${name}`, ...lines, ...notes, `${summary(cells)}`, ''].join('\n');
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  if (cell.impossible !== null) return `(${cell.impossible})`;
  const words = sorted(cell.words);
  const said = words.map(([word, count]) => (words.length === 1 ? word : `${word} ${count}`)).join(', ');
  return cell.broken.length === 0 ? said : `${said} BROKEN ${cell.broken.length}`;
}

function summary(cells: Cell[]): string {
  const words: Record<string, number> = {};
  for (const cell of cells) {
    for (const [word, count] of Object.entries(cell.words)) words[word] = (words[word] ?? 0) + count;
  }
  const trials = Object.values(words).reduce((sum, count) => sum + count, 0);
  const empty = cells.filter(isEmpty).length;
  const said = sorted(words).map(([word, count]) => `${word} ${count}`);
  return `${cells.length} cells, ${empty} empty, ${trials} trials: ${said.join(', ')}`;
}

/** Neither tried nor explained. */
export const isEmpty = (cell: Cell): boolean => cell.impossible === null && Object.keys(cell.words).length === 0;

const sorted = (words: Record<string, number>): [string, number][] =>
  Object.entries(words).sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
