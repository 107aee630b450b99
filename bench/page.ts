import type { Place } from './place.ts';
import type { Line } from './report.ts';

/**
 * What a guest in a cellar loads for the payment page: its bytes on the wire, and how often the browser asks. All that the
 * page names is counted: style, script and icon.
 */
const budget = { bytes: 20_000, requests: 4 };

export async function benchPage(place: Place, uid: string): Promise<Line[]> {
  const page = await load(`${place.url}/pay/${uid}`);
  const assets = [...page.text.matchAll(/<(?:link|script|img)\b[^>]*\b(?:href|src)="(\/(?!\/)[^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  const loaded = await Promise.all([...new Set(assets)].map((asset) => load(place.url + asset)));
  const all = [page, ...loaded];
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  return [
    {
      what: 'payment page, bytes with style, script and icon',
      ratio: bytes / budget.bytes,
      target: 1,
      detail: `${bytes} of ${budget.bytes}`,
    },
    {
      what: 'payment page, requests',
      ratio: all.length / budget.requests,
      target: 1,
      detail: `${all.length} of ${budget.requests}`,
    },
  ];
}

/** `bytes`: as they go over the wire, compressed. */
async function load(url: string): Promise<{ text: string; bytes: number }> {
  const http = await import('node:http');
  const { brotliDecompressSync } = await import('node:zlib');
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { 'accept-encoding': 'br' } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const body = Buffer.concat(parts);
          const plain = response.headers['content-encoding'] === 'br' ? brotliDecompressSync(body) : body;
          resolve({ text: plain.toString('utf8'), bytes: body.length });
        });
      })
      .on('error', reject);
  });
}
