import { beforeEach, expect, test } from 'vitest';
import { fakeBrowser } from 'wxt/testing/fake-browser';
import { exportSettings, importSettings } from '../../lib/settings-file.ts';
import { readSettings, storeSetting } from '../../lib/settings.ts';

beforeEach(() => fakeBrowser.reset());

test('what was never chosen is as at first', async () => {
  expect(await readSettings()).toEqual({
    theme: 'system',
    terminalTheme: 'page',
    fontPx: 14,
    fontFamily: '',
    copyOnSelect: false,
    confirmPaste: true,
    screenReader: false,
    macOptionIsMeta: false,
    showBar: true,
    keys: {},
    notifyWaiting: true,
    notifySound: false,
    quietHours: null,
    unwatchedHubs: [],
    issuePages: [],
  });
});

test('a choice is stored on its own', async () => {
  await storeSetting('theme', 'dark');
  await storeSetting('quietHours', { fromMin: 1320, toMin: 420 });
  expect(await readSettings()).toMatchObject({
    theme: 'dark',
    quietHours: { fromMin: 1320, toMin: 420 },
  });
  expect(await fakeBrowser.storage.sync.get(null)).toEqual({
    'set.theme': 'dark',
    'set.quietHours': { fromMin: 1320, toMin: 420 },
  });
});

test('what another build stored, and makes no sense here, is as at first', async () => {
  await fakeBrowser.storage.sync.set({
    'set.theme': 'pink',
    'set.fontPx': 400,
    'set.fontFamily': "x'; background: url(https://evil.example/",
    'set.keys': { find: ['Mod+Shift+Y', 7], palette: [], nothing: ['Mod+X'] },
    'set.notifyWaiting': 'yes',
    'set.quietHours': { fromMin: -1, toMin: 99_999 },
    'set.unwatchedHubs': [1, 'x', '01HUBA00000000000000000000', '01HUBA00000000000000000000'],
    'set.issuePages': ['https://github.com', 'javascript:alert(1)', 'https://x.test/path'],
  });
  expect(await readSettings()).toMatchObject({
    theme: 'system',
    fontPx: 14,
    fontFamily: '',
    keys: { palette: [] },
    notifyWaiting: true,
    quietHours: null,
    unwatchedHubs: ['01HUBA00000000000000000000'],
    issuePages: ['https://github.com'],
  });
});

test('an exported file brings the settings back, but for those of this account', async () => {
  await storeSetting('keys', { find: ['Mod+Shift+Y'] });
  await storeSetting('quietHours', { fromMin: 1320, toMin: 420 });
  await storeSetting('unwatchedHubs', ['01HUBA00000000000000000000']);
  const file = await exportSettings();
  expect(file).not.toContain('01HUBA');
  await fakeBrowser.storage.sync.clear();
  expect(await importSettings(file)).toBe(14);
  expect(await readSettings()).toMatchObject({
    keys: { find: ['Mod+Shift+Y'] },
    quietHours: { fromMin: 1320, toMin: 420 },
    unwatchedHubs: [],
  });
});

test('a file is taken as far as it makes sense, and nothing else of it', async () => {
  await storeSetting('theme', 'dark');
  const settings = { theme: 'pink', fontPx: 20, constructor: 1, unwatchedHubs: [], more: {} };
  expect(await importSettings(JSON.stringify({ hubtab: 1, settings }))).toBe(1);
  expect(await fakeBrowser.storage.sync.get(null)).toEqual({
    'set.theme': 'dark',
    'set.fontPx': 20,
  });
});

test.each([
  '',
  'no JSON',
  'null',
  '[]',
  '7',
  '{"hubtab":2,"settings":{"fontPx":20}}',
  '{"hubtab":1}',
])('no settings are taken from %s', async (text) => {
  expect(await importSettings(text)).toBe(0);
  expect(await fakeBrowser.storage.sync.get(null)).toEqual({});
});
