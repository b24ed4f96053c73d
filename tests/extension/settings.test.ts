import { beforeEach, expect, test } from 'vitest';
import { fakeBrowser } from 'wxt/testing/fake-browser';
import { readSettings, storeSetting } from '../../lib/settings.ts';

beforeEach(() => fakeBrowser.reset());

test('what was never chosen is as at first', async () => {
  expect(await readSettings()).toEqual({
    theme: 'system',
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
    'set.notifyWaiting': 'yes',
    'set.quietHours': { fromMin: -1, toMin: 99_999 },
    'set.unwatchedHubs': [1, 'x', '01HUBA00000000000000000000', '01HUBA00000000000000000000'],
    'set.issuePages': ['https://github.com', 'javascript:alert(1)', 'https://x.test/path'],
  });
  expect(await readSettings()).toMatchObject({
    theme: 'system',
    notifyWaiting: true,
    quietHours: null,
    unwatchedHubs: ['01HUBA00000000000000000000'],
    issuePages: ['https://github.com'],
  });
});
