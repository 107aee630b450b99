import { invalid } from '../../rules/errors.ts';
import { mailAddress } from '../../rules/mail/address.ts';

/** A guest's e-mail address as it is kept; null where none was given, which is fine: the provider asks for it. */
export function emailAddress(value: string | null | undefined): string | null {
  const trimmed = value?.trim() ?? '';
  if (trimmed === '') return null;
  const checked = mailAddress(trimmed);
  if (checked === null) throw invalid('email', 'email must be an e-mail address');
  return checked;
}
