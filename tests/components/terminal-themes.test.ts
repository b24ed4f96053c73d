import { expect, test } from 'vitest';
import { TERMINAL_THEMES, terminalScheme } from '../../components/terminal-themes.ts';

/** WCAG 2 contrast of two `#rrggbb`. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const HUES = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const brightOf = (hue: string) => `bright${hue[0]?.toUpperCase()}${hue.slice(1)}`;

test.each(['light', 'dark', 'high-contrast'] as const)('every hue of %s can be read', (scheme) => {
  const theme = TERMINAL_THEMES[scheme] as Record<string, string>;
  const names = ['foreground', 'brightBlack', ...HUES, ...HUES.map(brightOf)];
  const background = theme['background'] ?? '';
  const low = names.filter((name) => contrast(theme[name] ?? background, background) < 4.5);
  expect(low).toEqual([]);
});

test('high contrast follows the system, in the dark', () => {
  expect([
    terminalScheme(false, false),
    terminalScheme(true, false),
    terminalScheme(true, true),
  ]).toEqual(['light', 'dark', 'high-contrast']);
});
