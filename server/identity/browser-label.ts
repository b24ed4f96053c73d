/** Most specific first: Chromium's browsers all say Chrome, and Chrome says Safari. */
const BROWSERS = [
  'Edg',
  'OPR',
  'Firefox',
  'Chromium',
  'HeadlessChrome',
  'Chrome',
  'Safari',
] as const;
const NAMES: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', HeadlessChrome: 'Chromium' };
const SYSTEMS: readonly [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** What a person recognises their browser by, `Firefox 152 on macOS`. The header is a claim, and is treated as one. */
export function browserLabel(userAgent: string | undefined): string {
  const text = userAgent ?? '';
  const browser = BROWSERS.find((name) => text.includes(`${name}/`));
  const version = browser && new RegExp(`${browser}/(\\d{1,4})`).exec(text)?.[1];
  const name = browser && [NAMES[browser] ?? browser, version].filter(Boolean).join(' ');
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1];
  return [name ?? 'A browser', system && `on ${system}`].filter(Boolean).join(' ');
}
