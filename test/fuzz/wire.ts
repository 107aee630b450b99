import http from 'node:http';

/** A request as it goes over the wire: nothing is encoded, corrected or followed. */
export type WireRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** Without a length, in pieces. */
  chunked?: boolean;
};
export type WireAnswer = { status: number; headers: http.IncomingHttpHeaders; text: string };

const patience = 12_000;

/** One request after the other over kept connections. A stream of events is left as soon as it begins. */
export function openWire(url: string) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const { hostname, port } = new URL(url);

  const send = ({ method, path, headers, body, chunked = false }: WireRequest): Promise<WireAnswer> =>
    new Promise((resolve, reject) => {
      const length =
        body === undefined
          ? {}
          : chunked
            ? { 'transfer-encoding': 'chunked' }
            : { 'content-length': Buffer.byteLength(body) };
      const request = http.request({ agent, hostname, port, method, path, headers: { ...headers, ...length } });
      let answered = false;
      request.setTimeout(patience, () => request.destroy(new Error(`${method} ${path}: no answer in ${patience} ms`)));
      request.on('error', (error) => {
        if (!answered) reject(error); // once it is answered, the rest of a body may find a closed door
      });
      request.on('response', (response) => {
        answered = true;
        const status = response.statusCode ?? 0;
        const pieces: Buffer[] = [];
        const end = () => resolve({ status, headers: response.headers, text: Buffer.concat(pieces).toString('utf8') });
        response.on('data', (piece: Buffer) => {
          pieces.push(piece);
          if (response.headers['content-type']?.startsWith('text/event-stream') !== true) return;
          end();
          request.destroy();
        });
        response.on('end', end);
        response.on('error', end);
      });
      if (body !== undefined && chunked) {
        for (let at = 0; at < body.length; at += 65_536) request.write(body.slice(at, at + 65_536));
      }
      request.end(chunked ? undefined : body);
    });

  return { send, close: () => agent.destroy() };
}

export type Wire = ReturnType<typeof openWire>;
