import type { Instant } from '../rules/instant.ts';
import type { Messages } from '../texts/en.ts';
import {
  durationInWords,
  formatDuration,
  formatMoment,
  formatMoney,
  formatSpan,
  formatWeekday,
  formatZone,
} from '../texts/format.ts';
import { spokenLanguage, texts } from '../texts/languages.ts';

export type Branding = {
  logo: string | null;
  color: string | null;
  headerText: string | null;
  footerText: string | null;
};

/** What every guest page needs besides its view. `timeZone` is the location's; `nonce` is that of the answer's policy. */
export type PageContext = {
  language: string;
  nonce: string;
  companyName: string | null;
  title: string | null;
  branding: Branding;
  timeZone: string;
  now: Instant;
  assets: { css: string; js: string; icon?: string };
  /** This page's own path, for the switch of languages; without it there is none. */
  path?: string;
};

/** The words of a page: messages, and formatting bound to its language, zone and moment. */
export type Speech = Messages & {
  money(amountMinor: number, currency: string): string;
  /** A price to choose by: `€2.50`, or `Free`. */
  price(amountMinor: number, currency: string): string;
  moment(at: Instant): string;
  duration(minutes: number): string;
  durationInWords(minutes: number): string;
  /** `07:00–22:00`, from minutes of a day. */
  openSpan(span: { from: number; to: number }): string;
  /** `Friday`, of `2026-06-12`. */
  weekday(date: string): string;
  /** What the page's zone is called now. */
  zoneName(): string;
};

export function speechOf(ctx: Pick<PageContext, 'language' | 'now' | 'timeZone'>): Speech {
  const language = spokenLanguage(ctx.language);
  const messages = texts(language);
  const money = (amount: number, currency: string): string => formatMoney(amount, currency, language);
  return {
    ...messages,
    money,
    price: (amount, currency) => (amount === 0 ? messages.common.free : money(amount, currency)),
    moment: (at) => formatMoment(at, ctx.now, ctx.timeZone, language),
    duration: (minutes) => formatDuration(minutes, language),
    durationInWords: (minutes) => durationInWords(minutes, language),
    openSpan: (span) => formatSpan(span, language),
    weekday: (date) => formatWeekday(date, language),
    zoneName: () => formatZone(ctx.timeZone, ctx.now, language),
  };
}
