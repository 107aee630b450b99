import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { qrPng, qrSvg } from './qr-picture.ts';
import { queryText, readOneOf } from './query.ts';

/** A QR code as a picture, by `?format=`. */
export const qrQuery = Type.Object({ format: queryText('svg (so by default) or png') });
export const QrPicture = Type.Unknown({ description: 'image/svg+xml or image/png' });

export function sendQr(reply: FastifyReply, text: string, name: string, query: { format?: string }): FastifyReply {
  const format = readOneOf(query.format, 'format', ['svg', 'png']) ?? 'svg';
  reply.header('cache-control', 'no-store').header('content-disposition', `inline; filename="${name}.${format}"`);
  return format === 'png' ? reply.type('image/png').send(qrPng(text)) : reply.type('image/svg+xml').send(qrSvg(text));
}
