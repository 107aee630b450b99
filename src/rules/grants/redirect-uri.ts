/**
 * Where a browser may be sent with a code: https; http on the same machine alone; or an app's own scheme. Never an address
 * that a browser runs or shows by itself, and never a fragment, which nobody would see on its way.
 */
export function redirectUri(text: string): string | null {
  if (text.length > 500 || !URL.canParse(text) || text.includes('#') || /\s/.test(text)) return null;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return null;
  if (protocol === 'https:') return text;
  if (protocol === 'http:') return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) ? text : null;
  const ofBrowsers = /^(javascript|data|blob|file|filesystem|about|view-source|vbscript|ws|wss|ftp|mailto|tel|sms):$/;
  return /^[a-z][a-z0-9+.-]*:$/.test(protocol) && !ofBrowsers.test(protocol) ? text : null;
}
