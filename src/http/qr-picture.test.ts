import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { qrPng, qrSquares, qrSvg, quietBorder } from './qr-picture.ts';

const address = 'https://keystead.example/pay/0123456789abcdef';

/** Reads our own kind of PNG back: one bit a pixel, no filter. */
function pixelsOf(png: Buffer): { width: number; dark: (x: number, y: number) => boolean } {
  const width = png.readUInt32BE(16);
  const length = png.readUInt32BE(33);
  const lines = inflateSync(png.subarray(41, 41 + length));
  const stride = Math.ceil(width / 8) + 1;
  return { width, dark: (x, y) => ((lines[y * stride + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0 };
}

test('the PNG shows the same squares as the code has, with a light border around them', () => {
  const squares = qrSquares(address);
  const { width, dark } = pixelsOf(qrPng(address));
  const scale = width / (squares.length + 2 * quietBorder);
  expect(Number.isInteger(scale)).toBe(true);
  const middle = (n: number) => (n + quietBorder) * scale + Math.floor(scale / 2);
  for (const [y, row] of squares.entries()) {
    for (const [x, square] of row.entries()) expect(dark(middle(x), middle(y))).toBe(square);
  }
  expect([dark(0, 0), dark(width - 1, width - 1)]).toEqual([false, false]);
});

test('the SVG has one path over a white ground, and nothing that a script could be in', () => {
  const svg = qrSvg(address);
  const side = qrSquares(address).length + 2 * quietBorder;
  expect(svg).toContain(`viewBox="0 0 ${side} ${side}"`);
  expect(svg.match(/<[a-z]+/g)).toEqual(['<svg', '<path', '<path']);
});
