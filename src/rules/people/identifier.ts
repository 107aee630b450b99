import { mailAddress } from '../mail/address.ts';

/** How callers of the Yale/August API name somebody: by UUID, e-mail or phone. */
export type Identifier =
  | { kind: 'uuid'; uuid: string }
  | { kind: 'email'; email: string }
  | { kind: 'phone'; phone: string };

/** `email:a@b.example`, `phone:+491701234567`, or a UUID; null for everything else. */
export function identifierOf(text: string): Identifier | null {
  const [, kind, value = ''] = /^(email|phone):(.*)$/s.exec(text) ?? [];
  if (kind === 'email') {
    const email = mailAddress(value);
    return email === null ? null : { kind, email };
  }
  if (kind === 'phone') {
    const phone = phoneNumber(value);
    return phone === null ? null : { kind, phone };
  }
  const uuid = text.toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) ? { kind: 'uuid', uuid } : null;
}

/** International, from its plus on; spaces, dashes and brackets are how people write it. */
export function phoneNumber(text: string): string | null {
  const digits = text.replaceAll(/[ ()./-]/g, '');
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : null;
}

/** A name in the two parts that this contract wants, where it was given as one. */
export function splitName(name: string): { firstName: string; lastName: string } {
  const [firstName = '', ...rest] = name.trim().split(/\s+/);
  return { firstName, lastName: rest.join(' ') };
}
