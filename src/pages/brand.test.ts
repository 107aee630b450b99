import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandColors, brandRules, contrast, parseHex } from './brand.ts';

const rgb = (hex: string) => parseHex(hex) ?? [0, 0, 0];

describe('brand colours', () => {
  it('are readable whatever the owner chooses, in light and dark', () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(channel, channel, channel), (parts) => {
        const color = `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
        const { light, dark } = brandColors(color);
        for (const { fill, onFill } of [light, dark])
          expect(contrast(rgb(fill), rgb(onFill))).toBeGreaterThanOrEqual(4.5);
        expect(contrast(rgb(light.accent), rgb('#f5f5f2'))).toBeGreaterThanOrEqual(4.5);
        expect(contrast(rgb(dark.accent), rgb('#1a1c21'))).toBeGreaterThanOrEqual(4.5);
        expect(contrast(rgb(dark.fill), rgb('#1a1c21'))).toBeGreaterThanOrEqual(2.9);
      }),
    );
  });

  it('keep a good colour as it is, and darken one that white text nearly fits', () => {
    expect(brandColors('#b3261e').light).toEqual({ fill: '#b3261e', onFill: '#ffffff', accent: '#b3261e' });
    expect(brandColors('#0A84FF').light.onFill).toBe('#ffffff');
    expect(brandColors('#ffd400').light).toMatchObject({ fill: '#ffd400', onFill: '#15161a' });
  });

  it('take hex colours only, so that nothing else reaches the style element', () => {
    expect(brandRules('red}</style><script>')).toBe(brandRules(null));
    expect(brandRules('#08f')).toBe(brandRules('0088FF'));
    expect(brandRules('url(x)')).toMatch(/^:root\{--fill:#[0-9a-f]{6};/);
  });
});
