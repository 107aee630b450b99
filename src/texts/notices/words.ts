import type { Instant } from '../../rules/instant.ts';
import type { NoticeKind } from '../../rules/notices/kinds.ts';
import { formatMoment, formatMoney } from '../format.ts';
import { texts } from '../languages.ts';

export type NoticeTold = {
  kind: NoticeKind;
  /** Of the device, lock or connection that it is about. */
  name: string | null;
  facts: unknown;
  timeZone: string | null;
};

/** A notice in the words of a language. Facts of older versions may lack what is spoken of: then it is left out. */
export function noticeWords(
  told: NoticeTold,
  language: string,
  now: Instant,
): { title: string; text: string; advice: string } {
  const facts = new Map<string, unknown>(
    typeof told.facts === 'object' && told.facts !== null ? Object.entries(told.facts) : [],
  );
  const since = Date.parse(text(facts.get('since')) ?? '');
  const watts = number(facts.get('watts'));
  const battery = number(facts.get('battery'));
  const currency = text(facts.get('currency'));
  const money = (amount: unknown, unit: string | null): string | null => {
    const minor = number(amount);
    return minor === null || unit === null ? null : formatMoney(minor, unit, language);
  };
  const parts = {
    name: told.name,
    since: Number.isNaN(since) ? null : formatMoment(since, now, told.timeZone ?? 'UTC', language),
    watts: watts === null ? null : `${Math.round(watts)} W`,
    source: text(facts.get('source')),
    battery: battery === null ? null : `${Math.round(battery)} %`,
    pin: text(facts.get('pin')),
    other: text(facts.get('other')),
    count: number(facts.get('count'))?.toString() ?? null,
    amount: money(facts.get('amount') ?? facts.get('expected'), currency),
    came: money(facts.get('came'), text(facts.get('cameCurrency')) ?? currency),
  };
  const words = texts(language).notices[told.kind];
  return { title: words.title(parts), text: words.means(parts), advice: words.todo(parts) };
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
