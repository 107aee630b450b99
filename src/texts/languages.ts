/**
 * Which language a person is spoken to in. A tag such as `de-AT` finds the catalogue of `de` and keeps its region for
 * numbers and times. Without a catalogue it is English throughout: never English words around French dates.
 */
import { de } from './de.ts';
import { en, type Messages } from './en.ts';

const catalogues: ReadonlyMap<string, Messages> = new Map([
  ['en', en],
  ['de', de],
]);

/** What a person may choose from, each by its own name. */
export const languages: readonly { tag: string; name: string }[] = [
  { tag: 'de', name: 'Deutsch' },
  { tag: 'en', name: 'English' },
];

/** The tag if we speak it: what a link or a cookie says. */
export const knownLanguage = (tag: unknown): string | null =>
  typeof tag === 'string' && tag.length <= 35 && spokenLanguage(tag) === tag ? tag : null;

/** The messages in a language, English where there is none. */
export function texts(language: string): Messages {
  return catalogues.get(baseOf(language)) ?? en;
}

/** The tag to be written into `lang` and handed to Intl: the given one if we speak it, else `en`. */
export function spokenLanguage(language: string): string {
  return catalogues.has(baseOf(language)) && isTag(language) ? language : 'en';
}

/** The first language of an Accept-Language header that we speak; `en` where there is none. */
export function languageFrom(acceptLanguage: string | undefined): string {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((part, order) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find((q) => q !== undefined);
      return { tag: tag.trim(), quality: quality === undefined ? 1 : Number(quality), order };
    })
    .filter(({ tag, quality }) => quality > 0 && catalogues.has(baseOf(tag)) && isTag(tag))
    .sort((a, b) => b.quality - a.quality || a.order - b.order);
  return wanted[0]?.tag ?? 'en';
}

const baseOf = (tag: string): string => (tag.split('-')[0] ?? '').toLowerCase();

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
