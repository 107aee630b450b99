import { invalid } from '../errors.ts';

/** By which a user name or an e-mail is found: what people take for the same name is the same. */
export function nameKey(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase();
}

/** As it is shown and stored; a 400 that names the field otherwise. */
export function username(typed: string): string {
  const name = typed.normalize('NFKC').trim();
  if (name === '' || name.length > 128) throw invalid('username', 'username must have 1 to 128 characters');
  if (/\p{C}/u.test(name)) throw invalid('username', 'username must not hold invisible characters');
  return name;
}

export function email(typed: string): string {
  const address = typed.normalize('NFKC').trim();
  if (address.length > 254 || !/^[^\s@\p{C}]+@[^\s@\p{C}]+\.[^\s@\p{C}]+$/u.test(address)) {
    throw invalid('email', 'email must be an e-mail address');
  }
  return address;
}

/** Length is what makes a password hard to guess; its upper bound keeps hashing short. */
export function password(field: string, typed: string): string {
  if (typed.length < 8 || typed.length > 1024) throw invalid(field, `${field} must have 8 to 1024 characters`);
  return typed;
}
