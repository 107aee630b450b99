/**
 * How the server of a vendor's cloud is written: a host, or an https address without a path. Plain http is for this
 * machine and private networks alone (a simulator): a key must not cross the internet in the open.
 * Answers the address in its one spelling, `https://host`; null when it is none.
 */
export function cloudServer(value: string): string | null {
  const text = value.trim();
  if (text.length > 255) return null;
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!/^https?:\/\/[^\s/?#@\\]+\/?$/i.test(whole) || !URL.canParse(whole)) return null;
  const { protocol, hostname, origin } = new URL(whole);
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)$/.test(hostname)) return null;
  return protocol === 'https:' || isPrivate(hostname) ? origin : null;
}

const isPrivate = (host: string): boolean =>
  host === '[::1]' ||
  /^[a-z0-9-]+$/.test(host) || // a name without a dot never leaves the network
  /^(127|10)(\.\d+){3}$/.test(host) ||
  /^192\.168(\.\d+){2}$/.test(host) ||
  /^172\.(1[6-9]|2\d|3[01])(\.\d+){2}$/.test(host);
