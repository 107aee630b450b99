import { invalid } from '../../rules/errors.ts';
import { mailAddress } from '../../rules/mail/address.ts';
import { decimalText, isCurrency } from '../../rules/money/currency.ts';
import { canBeCharged, chargeable, chargeStep, leastCharge } from '../../rules/money/minimum.ts';
import { optional } from '../../rules/text.ts';
import { languages } from '../../texts/languages.ts';

/** What an organization can set, with its defaults. The public part is what guests' pages show. */
export type Settings = {
  companyName: string | null;
  paymentPageTitle: string | null;
  /** Lower-case ISO 4217. */
  currency: string;
  /** IANA name; the zone of new locations, and of times shown where no location says otherwise. */
  timeZone: string;
  branding: Branding;
  /** Origins besides our own to which guests may be sent back after paying. */
  returnOrigins: string[];
  noticeMail: NoticeMailSettings;
  /** What a new door costs, in minor units, and for how many minutes; copied when it is added. */
  defaultAccessPrice: number;
  defaultAccessDuration: number;
  /** false: no door is sold. */
  ttlockEnabled: boolean;
};

/** Who is told of notices by mail; nobody unless an address is set. */
export type NoticeMailSettings = {
  to: string[];
  /** Kinds of notices; null: all. */
  kinds: string[] | null;
  language: string;
};

export type Branding = {
  /** https address of a picture. */
  logo: string | null;
  /** `#rrggbb` */
  color: string | null;
  headerText: string | null;
  footerText: string | null;
};

export const defaults: Settings = {
  companyName: null,
  paymentPageTitle: null,
  currency: 'eur',
  timeZone: 'UTC',
  branding: { logo: null, color: null, headerText: null, footerText: null },
  returnOrigins: [],
  noticeMail: { to: [], kinds: null, language: 'en' },
  defaultAccessPrice: 100,
  defaultAccessDuration: 60,
  ttlockEnabled: true,
};

export type SettingsChange = {
  companyName?: string | null;
  paymentPageTitle?: string | null;
  currency?: string;
  timeZone?: string;
  branding?: Partial<Branding>;
  returnOrigins?: string[];
  noticeMail?: Partial<NoticeMailSettings>;
  defaultAccessPrice?: number;
  defaultAccessDuration?: number;
  ttlockEnabled?: boolean;
};

/** Checks each key and brings it into its one form; throws a 400 that names the field. */
export function checked(change: SettingsChange, before: Settings): Partial<Settings> {
  const result: Partial<Settings> = {};
  if (change.companyName !== undefined) result.companyName = optional('companyName', change.companyName, 120);
  if (change.paymentPageTitle !== undefined) {
    result.paymentPageTitle = optional('paymentPageTitle', change.paymentPageTitle, 120);
  }
  if (change.currency !== undefined) {
    const currency = change.currency.toLowerCase();
    if (!isCurrency(currency)) throw invalid('currency', 'currency must be an ISO 4217 code, for example "eur"');
    if (!canBeCharged(currency)) throw invalid('currency', `${currency} cannot be charged yet`);
    result.currency = currency;
  }
  if (change.timeZone !== undefined) result.timeZone = zone('timeZone', change.timeZone);
  if (change.branding !== undefined) result.branding = { ...before.branding, ...branding(change.branding) };
  if (change.returnOrigins !== undefined) result.returnOrigins = [...new Set(change.returnOrigins.map(origin))];
  if (change.defaultAccessPrice !== undefined) {
    result.defaultAccessPrice = price(
      'defaultAccessPrice',
      change.defaultAccessPrice,
      result.currency ?? before.currency,
    );
  }
  if (change.defaultAccessDuration !== undefined) result.defaultAccessDuration = change.defaultAccessDuration;
  if (change.ttlockEnabled !== undefined) result.ttlockEnabled = change.ttlockEnabled;
  if (change.noticeMail !== undefined) result.noticeMail = { ...before.noticeMail, ...noticeMail(change.noticeMail) };
  return result;
}

/** What can be charged by card, or nothing at all; a 400 that names the field otherwise. */
export function price(field: string, value: number, currency: string): number {
  if (chargeable(value, currency)) return value;
  const least = `${decimalText(leastCharge(currency), currency)} ${currency.toUpperCase()}`;
  const step = chargeStep(currency) === 1 ? '' : `, in steps of ${chargeStep(currency)}`;
  throw invalid(field, `${field} must be 0 or at least ${least}${step}: nothing else can be charged by card`);
}

/** An IANA time zone in its canonical spelling; an offset alone is none, as it knows nothing of summer. */
export function zone(field: string, value: string): string {
  try {
    if (/^[+-]/.test(value)) throw new RangeError('An offset');
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw invalid(field, `${field} must be an IANA time zone, for example "Europe/Berlin"`);
  }
}

function branding(change: Partial<Branding>): Partial<Branding> {
  const result: Partial<Branding> = {};
  if (change.logo !== undefined) result.logo = logo(change.logo);
  if (change.color !== undefined) result.color = color(change.color);
  if (change.headerText !== undefined) result.headerText = optional('branding.headerText', change.headerText, 200);
  if (change.footerText !== undefined) result.footerText = optional('branding.footerText', change.footerText, 500);
  return result;
}

function noticeMail(change: Partial<NoticeMailSettings>): Partial<NoticeMailSettings> {
  const result: Partial<NoticeMailSettings> = {};
  if (change.to !== undefined) result.to = [...new Set(change.to.map(reader))];
  if (change.kinds !== undefined) result.kinds = change.kinds === null ? null : [...new Set(change.kinds)];
  if (change.language !== undefined) {
    if (!languages.some(({ tag }) => tag === change.language)) {
      throw invalid(
        'noticeMail.language',
        `noticeMail.language must be one of ${languages.map(({ tag }) => tag).join(', ')}`,
      );
    }
    result.language = change.language;
  }
  return result;
}

function reader(value: string): string {
  const address = mailAddress(value);
  if (address === null) throw invalid('noticeMail.to', 'noticeMail.to must be e-mail addresses');
  return address;
}

function color(value: string | null): string | null {
  if (value === null || value === '') return null;
  if (!/^#[0-9a-f]{6}$/i.test(value)) throw invalid('branding.color', 'branding.color must look like #0A84FF');
  return value;
}

function logo(value: string | null): string | null {
  if (value === null || value === '') return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.protocol !== 'https:' || value.length > 2000) {
    throw invalid('branding.logo', 'branding.logo must be an https address');
  }
  return url.href;
}

function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const web = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
  if (!web || url.origin !== value.replace(/\/$/, '').toLowerCase()) {
    throw invalid('returnOrigins', 'returnOrigins must be origins like https://shop.example.com');
  }
  return url.origin;
}
