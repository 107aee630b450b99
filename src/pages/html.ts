/**
 * HTML by tagged template. Strings and numbers are escaped, values made by `html` are not; null, undefined and false
 * are nothing; any other type does not compile. There is no way to mark a string of data as safe.
 */
import { type Slot, slotsOf, takesNoValue, takesUrl } from './html-slots.ts';

/** Private fields make these two nominal: no other object passes for one, at compile time or at run time. */
class SafeHtml {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

class SafeAttribute {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Html = SafeHtml;
export type Attribute = SafeAttribute;
type Nothing = null | undefined | false;
export type HtmlValue = string | number | Html | Attribute | Nothing | readonly (Html | Nothing)[];

const slotsOfTemplate = new WeakMap<TemplateStringsArray, Slot[]>();

/** `html`<p title="${name}">${name}</p>``; attributes are quoted, and a template closes every tag it opens. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let slots = slotsOfTemplate.get(strings);
  if (slots === undefined) {
    slots = slotsOf(strings);
    slotsOfTemplate.set(strings, slots);
  }
  let text = strings[0] ?? '';
  for (const [i, value] of values.entries()) text += render(value, slots[i] ?? 'text') + (strings[i + 1] ?? '');
  return new SafeHtml(text);
}

/** An attribute that may be missing: `<input ${attribute('checked', chosen)}>`. true: without value; false, null: none. */
export function attribute(name: string, value: string | number | true | Nothing): Attribute | null {
  if (!/^[a-z][a-z0-9-]*$/.test(name) || takesNoValue(name) || takesUrl(name)) {
    throw new Error(`${name} is not an attribute to be set in this way`);
  }
  if (value === false || value === null || value === undefined) return null;
  return new SafeAttribute(value === true ? name : `${name}="${escapeText(String(value))}"`);
}

/** Our own style rules (never a person's text) in a style element that the nonce lets through the content policy. */
export function styleElement(nonce: string, rules: string): Html {
  if (rules.includes('<')) throw new Error('Style rules must not contain a tag');
  return new SafeHtml(`<style nonce="${escapeText(nonce)}">${rules}</style>`);
}

function render(value: HtmlValue, slot: Slot): string {
  if (value === false || value === null || value === undefined) return '';
  if (value instanceof SafeAttribute !== (slot === 'tag')) throw new Error(`Attributes, and only they, stand in a tag`);
  if (value instanceof SafeAttribute) return value.toString();
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    return escapeText(slot === 'url' ? safeUrl(text) : text);
  }
  if (slot !== 'text') throw new Error('HTML stands in text only');
  if (value instanceof SafeHtml) return value.toString();
  return value.map((item) => render(item, 'text')).join('');
}

/** Addresses may be paths of ours, web addresses, mail or telephone; a `javascript:` of a hostile setting leads nowhere. */
function safeUrl(text: string): string {
  return /^(https?:\/\/|mailto:|tel:|\/(?![/\\])|#|\?)/i.test(text) ? text : '#';
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
