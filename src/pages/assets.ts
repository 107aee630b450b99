/**
 * The files that guest pages load: one style sheet (made of four), one script, one icon. Served under a path that holds
 * their hash, so browsers keep them for good and an update is never half old. Compressed once, at start: a guest in a
 * cellar waits for bytes.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export type Asset = { path: string; contentType: string; content: Buffer; br: Buffer; gzip: Buffer };
export type Assets = { css: string; js: string; icon: string; files: readonly Asset[] };
export type AssetAnswer = { headers: Record<string, string>; body: Buffer };

/** Reads once at start. The paths go into PageContext.assets, the files are mounted by the routes. */
export async function loadAssets(): Promise<Assets> {
  const [css, js, icon] = await Promise.all([
    load(['base.css', 'parts.css', 'pay.css', 'session.css'], 'guest', 'css', 'text/css; charset=utf-8'),
    load(['guest.js'], 'guest', 'js', 'text/javascript; charset=utf-8'),
    load(['icon.svg'], 'icon', 'svg', 'image/svg+xml'),
  ]);
  return { css: css.path, js: js.path, icon: icon.path, files: [css, js, icon] };
}

/** What a route answers, by the request's Accept-Encoding. */
export function answerOf(asset: Asset, acceptEncoding: string | undefined): AssetAnswer {
  const accepted = (acceptEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.replaceAll(' ', ''));
  const encoding = (['br', 'gzip'] as const).find((name) =>
    accepted.some((part) => part === name || (part.startsWith(`${name};q=`) && !/=0(\.0*)?$/.test(part))),
  );
  return {
    headers: {
      'content-type': asset.contentType,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
    body: encoding === undefined ? asset.content : asset[encoding],
  };
}

async function load(sources: string[], name: string, extension: string, contentType: string): Promise<Asset> {
  const parts = await Promise.all(sources.map((source) => readFile(new URL(`./assets/${source}`, import.meta.url))));
  const content = Buffer.concat(parts);
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  return {
    path: `/assets/${name}.${hash}.${extension}`,
    contentType,
    content,
    br: brotliCompressSync(content),
    gzip: gzipSync(content, { level: 9 }),
  };
}
