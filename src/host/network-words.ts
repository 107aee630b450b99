const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the other side',
  ECONNABORTED: 'connection aborted',
  EPIPE: 'connection closed by the other side',
  UND_ERR_SOCKET: 'connection closed by the other side',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  EHOSTDOWN: 'host is down',
  ENETUNREACH: 'network is unreachable',
  ENETDOWN: 'network is down',
  EADDRNOTAVAIL: 'no such address can be reached from here',
  EACCES: 'this machine does not allow the connection',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'host names cannot be looked up right now',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody we trust',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody we trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody we trust',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  EPROTO: 'no TLS connection could be agreed on',
};

const noHttp = 'what it sent is no HTTP';

/**
 * What broke on the way, in words that people know and can look up; null where it was nothing of the network. Codes such
 * as ECONNREFUSED are for logs: they reach no answer and no notice.
 */
export function networkWords(error: unknown): string | null {
  for (const code of codesOf(error)) {
    const known = words[code];
    if (known !== undefined) return known;
    if (code.startsWith('HPE_')) return noHttp;
  }
  if (error instanceof Error && error.name === 'HTTPParserError') return noHttp; // undici's may lack a code
  return null;
}

/** Its own code first, then its cause's, then those in its message, where libraries wrap the system's words. */
function* codesOf(error: unknown): Iterable<string> {
  if (!(error instanceof Error)) return;
  if ('code' in error && typeof error.code === 'string') yield error.code;
  if (error.cause !== undefined) yield* codesOf(error.cause);
  for (const [code] of error.message.matchAll(/\b[A-Z][A-Z0-9_]{3,}\b/g)) yield code;
}
