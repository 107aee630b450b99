/** Form bodies with bracket keys: `line_items[0][price_data][currency]=eur`, `expand[]=payment_intent`. PURE. */
import { invalid, missing } from './errors.ts';

export type FormValue = string | FormObject;
export type FormObject = { [key: string]: FormValue };
/** What may stand where: `true` is anything, '*' is any key (an index). */
export type Allowed = true | { [key: string]: Allowed };

export function parseForm(text: string): FormObject {
  const root = empty();
  for (const [name, value] of new URLSearchParams(text)) {
    const [head, ...rest] = name.split('[').map((part) => part.replace(/\]$/, ''));
    place(root, [head ?? '', ...rest], value, name);
  }
  return root;
}

function place(root: FormObject, keys: string[], value: string, name: string): void {
  let at = root;
  for (const [depth, raw] of keys.entries()) {
    const key = raw === '' ? String(Object.keys(at).length) : raw;
    if (depth === keys.length - 1) {
      at[key] = value;
      return;
    }
    const inner = at[key] ?? empty();
    if (typeof inner === 'string') throw invalid(`Invalid object: ${name}`, { param: name });
    at[key] = inner;
    at = inner;
  }
}

function empty(): FormObject {
  return Object.create(null) as FormObject; // a key may be called __proto__
}

export function refuseUnknown(form: FormObject, allowed: { [key: string]: Allowed }): void {
  const unknown = unknownIn(form, allowed, '');
  const [first] = unknown;
  if (first === undefined) return;
  const word = unknown.length === 1 ? 'parameter' : 'parameters';
  throw invalid(`Received unknown ${word}: ${unknown.join(', ')}`, { code: 'parameter_unknown', param: first });
}

function unknownIn(form: FormObject, allowed: { [key: string]: Allowed }, at: string): string[] {
  return Object.entries(form).flatMap(([key, value]) => {
    const name = at === '' ? key : `${at}[${key}]`;
    const rule = Object.hasOwn(allowed, key) ? allowed[key] : allowed['*'];
    if (rule === undefined) return [name];
    return rule === true || typeof value === 'string' ? [] : unknownIn(value, rule, name);
  });
}

/** Text at this name; undefined when absent; an empty text is an error, as nothing here can be unset. */
export function text(form: FormObject, key: string, name = key): string | undefined {
  const value = form[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw invalid(`Invalid string: ${JSON.stringify(value)}`, { param: name });
  if (value !== '') return value;
  const why = `We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset.`;
  const advice = `You should remove '${name}' from your request or supply a non-empty value.`;
  throw invalid(`You passed an empty string for '${name}'. ${why} ${advice}`, {
    code: 'parameter_invalid_empty',
    param: name,
  });
}

export function requiredText(form: FormObject, key: string, name = key): string {
  const value = text(form, key, name);
  if (value === undefined) throw missing(name);
  return value;
}

export function integer(form: FormObject, key: string, name = key): number | undefined {
  const value = text(form, key, name);
  if (value === undefined) return undefined;
  if (/^-?\d{1,15}$/.test(value)) return Number(value);
  throw invalid(`Invalid integer: ${value}`, { code: 'parameter_invalid_integer', param: name });
}

export function group(form: FormObject, key: string, name = key): FormObject | undefined {
  const value = form[key];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') throw invalid('Invalid object', { param: name });
  return value;
}

export function list(form: FormObject, key: string): FormValue[] {
  const value = form[key];
  if (value === undefined || value === '') return [];
  return typeof value === 'string' ? [value] : Object.values(value);
}

export function texts(form: FormObject, key: string): string[] {
  return list(form, key).filter((value) => typeof value === 'string');
}

export function url(form: FormObject, key: string): string | undefined {
  const value = text(form, key);
  if (value === undefined) return undefined;
  if (/^https?:\/\/[^\s/]+/i.test(value)) return value;
  throw invalid('Not a valid URL', { code: 'url_invalid', param: key });
}

/** At most 50 keys of 40 characters with values of 500; an empty value removes its key. */
export function metadata(form: FormObject, key = 'metadata', name = key): Record<string, string> {
  const given = Object.entries(group(form, key, name) ?? {});
  if (given.length > 50) throw invalid(`You can have up to 50 ${name} keys.`, { param: name });
  const kept: Record<string, string> = {};
  for (const [word, value] of given) {
    if (typeof value !== 'string')
      throw invalid(`Metadata values can have only strings.`, { param: `${name}[${word}]` });
    const long = word.length > 40 || value.length > 500;
    if (long) throw invalid('Metadata keys have at most 40 and values at most 500 characters.', { param: name });
    if (value !== '') kept[word] = value;
  }
  return kept;
}
