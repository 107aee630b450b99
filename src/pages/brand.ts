/**
 * The brand colour made safe to read. An owner may choose any colour; a guest must be able to read the button and see
 * the ring in daylight and in a dark cellar. So three colours come of one, for light and for dark: `fill` (areas),
 * `on-fill` (text on them, at least 4.5:1) and `accent` (rings, borders, links on the page, at least 4.5:1).
 */
type Rgb = readonly [number, number, number];

const ownColor: Rgb = [0x2f, 0x5a, 0xe0];
const white: Rgb = [255, 255, 255];
const paper: Rgb = [0xf1, 0xf2, 0xf4];
const ink: Rgb = [0x15, 0x16, 0x1a];
const lightPage: Rgb = [0xf5, 0xf5, 0xf2];
const darkPage: Rgb = [0x1a, 0x1c, 0x21];

export type BrandColors = { fill: string; onFill: string; accent: string };

/** Rules for one style element: the brand's variables, for light and dark. `color` is any text; only hex counts. */
export function brandRules(color: string | null): string {
  const { light, dark } = brandColors(color);
  return `:root{${variables(light)}}@media(prefers-color-scheme:dark){:root{${variables(dark)}}}`;
}

export function brandColors(color: string | null): { light: BrandColors; dark: BrandColors } {
  const brand = parseHex(color) ?? ownColor;
  const readable = withReadableText(brand);
  if (isGrey(brand) && contrast(brand, darkPage) < 3) {
    // A black brand on a dark page: lifted to grey it would look switched off, so it turns over to white.
    return { light: lightColors(brand, readable), dark: colors({ fill: paper, onFill: ink }, paper) };
  }
  const darkFill = withReadableText(shifted(readable.fill, white, (fill) => contrast(fill, darkPage) >= 3));
  return {
    light: lightColors(brand, readable),
    dark: colors(
      darkFill,
      shifted(brand, white, (accent) => contrast(accent, darkPage) >= 4.5),
    ),
  };
}

const lightColors = (brand: Rgb, readable: { fill: Rgb; onFill: Rgb }): BrandColors =>
  colors(
    readable,
    shifted(brand, ink, (accent) => contrast(accent, lightPage) >= 4.5),
  );

const isGrey = (color: Rgb): boolean => Math.max(...color) - Math.min(...color) < 24;

/** `#abc`, `#aabbcc`, with or without `#`; anything else is null. */
export function parseHex(color: string | null): Rgb | null {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color?.trim() ?? '')?.[1];
  if (digits === undefined) return null;
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const part = (from: number): number => Number.parseInt(full.slice(from, from + 2), 16);
  return [part(0), part(2), part(4)];
}

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

/** White text where the colour allows it or nearly does (it is then darkened a little), dark text on light colours. */
function withReadableText(brand: Rgb): { fill: Rgb; onFill: Rgb } {
  if (contrast(brand, white) >= 3) {
    return { fill: shifted(brand, ink, (fill) => contrast(fill, white) >= 4.5), onFill: white };
  }
  return { fill: brand, onFill: ink };
}

/** The colour moved towards another in small steps until it is good. */
function shifted(color: Rgb, towards: Rgb, good: (color: Rgb) => boolean): Rgb {
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mixed(color, towards, share);
    if (good(candidate)) return candidate;
  }
  return towards;
}

const mixed = (a: Rgb, b: Rgb, share: number): Rgb => {
  const part = (i: 0 | 1 | 2): number => Math.round(a[i] + (b[i] - a[i]) * share);
  return [part(0), part(1), part(2)];
};

function luminance(color: Rgb): number {
  const part = (value: number): number => {
    const s = value / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(color[0]) + 0.7152 * part(color[1]) + 0.0722 * part(color[2]);
}

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

const colors = ({ fill, onFill }: { fill: Rgb; onFill: Rgb }, accent: Rgb): BrandColors => ({
  fill: hex(fill),
  onFill: hex(onFill),
  accent: hex(accent),
});

const variables = (brand: BrandColors): string =>
  `--fill:${brand.fill};--on-fill:${brand.onFill};--accent:${brand.accent}`;
