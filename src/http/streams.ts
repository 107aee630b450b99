import type { Server, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';

const open = new WeakMap<Server, Set<ServerResponse>>();

/**
 * Turns a reply into a stream of server-sent events that the handler writes to; return the reply from the handler. Where
 * the client is gone already the stream is destroyed: look before you listen for its end. The server's shutdown ends it: without this a stream would hold the process for ever.
 */
export function openStream(app: FastifyInstance, reply: FastifyReply): ServerResponse {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close', // a connection kept alive after the stream would hold up a stop
    'x-accel-buffering': 'no', // nginx would hold events back
  });
  raw.flushHeaders();
  if (raw.destroyed || raw.socket?.destroyed === true) return raw; // gone already: its 'close' will not come again
  const streams = streamsOf(app);
  streams.add(raw);
  raw.on('close', () => streams.delete(raw));
  return raw;
}

/** Also of a client that does not read any more: it would not see the end, and hold up the stop. */
export function endStreams(app: FastifyInstance): void {
  for (const stream of streamsOf(app)) {
    const { socket } = stream;
    stream.end();
    if (stream.writableLength > 0) socket?.destroy();
    else socket?.destroySoon();
  }
}

function streamsOf(app: FastifyInstance): Set<ServerResponse> {
  const known = open.get(app.server);
  if (known !== undefined) return known;
  const made = new Set<ServerResponse>();
  open.set(app.server, made);
  return made;
}
