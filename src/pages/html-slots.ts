/**
 * Where in HTML each interpolation of a template stands. Escaping `& < > " '` makes a value harmless in text and in
 * quoted attributes only; everywhere else (script, style, comments, names, unquoted or event attributes) no escaping is
 * enough, so a template that interpolates there is refused. Templates are ours, never data: a refusal is a bug of ours,
 * found by the first test that renders the page.
 */
export type Slot = 'text' | 'attribute' | 'url' | 'tag';

type Mode = 'text' | 'open' | 'tag' | 'name' | 'equals' | 'value' | 'comment' | 'raw';

const urlAttributes = new Set(['href', 'src', 'action', 'formaction', 'poster', 'cite', 'data', 'xlink:href']);
const rawElements = new Set(['script', 'style']);

/** Event handlers, inline styles and whole documents: code, which takes no values. */
export const takesNoValue = (attribute: string): boolean => /^(on|style$|srcdoc$|srcset$)/.test(attribute);
export const takesUrl = (attribute: string): boolean => urlAttributes.has(attribute);

/** One slot for each gap between the strings; throws where a value must not stand. */
export function slotsOf(strings: readonly string[]): Slot[] {
  const reader = new Reader();
  const slots: Slot[] = [];
  strings.forEach((string, i) => {
    reader.read(string);
    if (i < strings.length - 1) slots.push(reader.slot());
  });
  reader.end();
  return slots;
}

class Reader {
  #mode: Mode = 'text';
  #tag = '';
  #attribute = '';
  #quote = '';
  #valueBegun = false;

  read(string: string): void {
    for (let i = 0; i < string.length; i++) this.#step(string.charAt(i), string.slice(i));
  }

  slot(): Slot {
    switch (this.#mode) {
      case 'text':
      case 'tag':
        return this.#mode;
      case 'value': {
        if (takesNoValue(this.#attribute)) throw refused(`the attribute ${this.#attribute}`);
        const whole = !this.#valueBegun && takesUrl(this.#attribute);
        this.#valueBegun = true;
        return whole ? 'url' : 'attribute';
      }
      case 'raw':
        throw refused(`<${this.#tag}>`);
      case 'comment':
        throw refused('a comment');
      case 'open':
      case 'name':
      case 'equals':
        throw refused('a name or an unquoted attribute');
    }
  }

  /** A template closes what it opens, so that a value placed in another's text slot stands in text. */
  end(): void {
    if (this.#mode !== 'text') throw new Error(`Template ends inside ${this.#mode} of <${this.#tag}>`);
  }

  #step(char: string, rest: string): void {
    switch (this.#mode) {
      case 'text':
        if (rest.startsWith('<!--')) this.#mode = 'comment';
        else if (/^<([a-z/!]|$)/i.test(rest)) this.#open();
        return;
      case 'comment':
        if (char === '>' && this.#tag.endsWith('--')) this.#close();
        else this.#tag = (this.#tag + char).slice(-2);
        return;
      case 'raw':
        if (rest.toLowerCase().startsWith(`</${this.#tag}`)) this.#open();
        return;
      case 'open':
        if (char === '>') this.#close();
        else if (/\s/.test(char)) this.#mode = 'tag';
        else this.#tag += char.toLowerCase();
        return;
      case 'tag':
        if (char === '>') this.#close();
        else if (!/[\s/]/.test(char)) {
          this.#attribute = char.toLowerCase();
          this.#mode = 'name';
        }
        return;
      case 'name':
        if (char === '=') this.#mode = 'equals';
        else if (char === '>') this.#close();
        else if (/\s/.test(char)) this.#mode = 'tag';
        else this.#attribute += char.toLowerCase();
        return;
      case 'equals':
        if (char !== '"' && char !== "'") throw refused(`the unquoted attribute ${this.#attribute}`);
        this.#quote = char;
        this.#valueBegun = false;
        this.#mode = 'value';
        return;
      case 'value':
        if (char === this.#quote) this.#mode = 'tag';
        else this.#valueBegun = true;
        return;
    }
  }

  #open(): void {
    this.#tag = '';
    this.#mode = 'open';
  }

  #close(): void {
    this.#mode = rawElements.has(this.#tag) ? 'raw' : 'text';
    if (this.#mode === 'text') this.#tag = '';
  }
}

const refused = (where: string): Error => new Error(`No value may stand in ${where} of a template`);
