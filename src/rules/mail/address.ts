/**
 * An e-mail address as it is to be written, or null. Stricter than the standard: what has room for a second address, a
 * display name, a header or a command of the wire is no address, however it is quoted.
 */
export function mailAddress(text: string): string | null {
  const trimmed = text.trim();
  const [local = '', domain = '', ...more] = trimmed.split('@');
  if (trimmed.length > 254 || local.length > 64 || more.length > 0) return null;
  const labels = domain.split('.');
  const good = localPart.test(local) && labels.length > 1 && labels.every((label) => domainLabel.test(label));
  return good ? trimmed : null;
}

const localPart = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const domainLabel = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/** Words of people in a header or on one line: control characters and line ends become blanks. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
