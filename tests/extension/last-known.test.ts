import { beforeEach, expect, test } from 'vitest';
import { fakeBrowser } from 'wxt/testing/fake-browser';
import { sessionGroups } from '../../components/session-groups.ts';
import { toolbarView } from '../../components/toolbar-view.ts';
import { writeStoredAccount } from '../../lib/account.ts';
import { readState } from '../../lib/extension-state.ts';
import { forgetLastKnown, keepLastKnown } from '../../lib/last-known.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';
import { hubView, MINUTE, NOW, session, SIGNED_IN } from '../components/made-up.ts';

const ACCOUNT = { serverUrl: 'https://hubtab.example.test', email: 'dev@example.test' };
const waiting = session('agent-acme-api-7', {
  state: 'waiting',
  stateSinceMs: NOW - 5 * MINUTE,
  agent: { repo: 'acme/api', issue: '7' },
  title: 'a-private-title',
  question: 'a-private-question',
  program: 'a-private-program',
});
const state: ExtensionState = {
  account: SIGNED_IN,
  hubs: [hubView('build-01', { sessions: [waiting] })],
  hubsAtMs: NOW - MINUTE,
};

beforeEach(async () => {
  await forgetLastKnown();
  fakeBrowser.reset();
  await writeStoredAccount({ ...ACCOUNT, refreshToken: 'secret' });
});

test('a browser that was just started has the hubs as they were, and says so', async () => {
  await keepLastKnown(state);
  const found = await readState();
  expect(found).toMatchObject({ account: SIGNED_IN, hubsAtMs: NOW - MINUTE });
  const [group] = sessionGroups(found.hubs, true, NOW).hubs;
  expect(group?.rows).toMatchObject([
    { session: 'agent-acme-api-7', label: { name: 'api', issue: '#7' }, isOld: true },
  ]);
  expect(group?.rows[0]?.say).toBe('was waiting at 14:20');
});

test('who waited then is counted and told of only when it is known again', async () => {
  await keepLastKnown(state);
  expect(toolbarView(await readState()).badge).toBe('');
});

test('nothing that only hubs know is on the disk', async () => {
  await keepLastKnown(state);
  expect(JSON.stringify(await fakeBrowser.storage.local.get('last-known'))).not.toMatch(/private/);
});

test.each([
  ['another account', { ...ACCOUNT, email: 'other@example.test', refreshToken: 'x' }],
  ['another server', { ...ACCOUNT, serverUrl: 'https://other.example', refreshToken: 'x' }],
  ['nobody', ACCOUNT],
])('%s gets nothing of it', async (_, account) => {
  await keepLastKnown(state);
  await writeStoredAccount(account);
  expect((await readState()).hubs).toEqual([]);
});

test('a sign-in that ends with the browser leaves nothing, nor does one that was ended', async () => {
  await writeStoredAccount({ ...ACCOUNT, refreshToken: 'x', isForgotten: true });
  await keepLastKnown(state);
  expect(await fakeBrowser.storage.local.get('last-known')).toEqual({});
  await writeStoredAccount({ ...ACCOUNT, refreshToken: 'x' });
  await keepLastKnown({ ...state, hubs: [] });
  await forgetLastKnown();
  expect(await fakeBrowser.storage.local.get('last-known')).toEqual({});
});

test('what another build wrote is not read', async () => {
  await fakeBrowser.storage.local.set({ 'last-known': { format: 0, ...ACCOUNT, hubs: [{}] } });
  expect(await readState()).toEqual({ account: SIGNED_IN, hubs: [] });
});
