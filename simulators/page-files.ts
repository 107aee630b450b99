/** What the pages of the simulators load: the looks that they share, and files of their own. */
import fs from 'node:fs';
import type http from 'node:http';
import path from 'node:path';

export type PageFiles = (pathname: string, response: http.ServerResponse) => boolean;

/** `own`: names in the folder, with their types; `scripts`: paths of others. Answers whether it was one of them. */
export function pageFiles(folder: string, own: Record<string, string>, scripts: readonly string[] = []): PageFiles {
  const files = new Map([['looks.css', { folder: import.meta.dirname, type: 'text/css' }]]);
  for (const [name, type] of Object.entries(own)) files.set(name, { folder, type });
  for (const script of scripts) {
    files.set(path.basename(script), { folder: path.dirname(script), type: 'text/javascript' });
  }
  return (pathname, response) => {
    const name = pathname.slice(1);
    const file = files.get(name);
    if (file === undefined) return false;
    response.writeHead(200, { 'content-type': `${file.type}; charset=utf-8`, 'cache-control': 'no-cache' });
    response.end(fs.readFileSync(path.join(file.folder, name)));
    return true;
  };
}
