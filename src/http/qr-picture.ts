import { crc32, deflateSync } from 'node:zlib';
import qrcode from 'qrcode-generator';

/** The squares of a QR code, dark ones true; row by row, without the quiet border. */
export function qrSquares(text: string): boolean[][] {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: count }, (_, column) => code.isDark(row, column)),
  );
}

/** Squares of light around it, as the standard wants. */
export const quietBorder = 4;

/** As one path: `h` and `v` of unit squares, with the border counted in. */
export function qrPath(squares: readonly (readonly boolean[])[]): string {
  const parts: string[] = [];
  for (const [y, row] of squares.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x++;
      parts.push(`M${from + quietBorder} ${y + quietBorder}h${x - from + 1}v1h-${x - from + 1}z`);
    }
  }
  return parts.join('');
}

export function qrSvg(text: string): string {
  const squares = qrSquares(text);
  const side = squares.length + 2 * quietBorder;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${qrPath(squares)}"/></svg>\n`;
}

/** About a thousand pixels wide: sharp on a door. One bit a pixel. */
export function qrPng(text: string): Buffer {
  const squares = qrSquares(text);
  const side = squares.length + 2 * quietBorder;
  const scale = Math.max(4, Math.ceil(1000 / side));
  const width = side * scale;
  const stride = Math.ceil(width / 8) + 1; // each line begins with its filter: none
  const pixels = Buffer.alloc(stride * width, 0xff);
  for (let y = 0; y < width; y++) {
    pixels[y * stride] = 0;
    const row = squares[Math.floor(y / scale) - quietBorder] ?? [];
    for (let x = 0; x < width; x++) {
      if (row[Math.floor(x / scale) - quietBorder] !== true) continue;
      const at = y * stride + 1 + (x >> 3);
      pixels[at] = (pixels[at] ?? 0) & ~(0x80 >> (x & 7));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  header[8] = 1; // one bit, grey; the rest is 0: the usual compression, filter, no interlace
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
