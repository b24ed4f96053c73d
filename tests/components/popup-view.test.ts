import { describe, expect, test } from 'vitest';
import { connectionSummary, popupView } from '../../components/popup-view.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';
import { hubView, NOW, SIGNED_IN } from './made-up.ts';

const state = (rest: Partial<ExtensionState> = {}): ExtensionState => ({
  account: SIGNED_IN,
  hubs: [],
  ...rest,
});
const unread = (name: string) => {
  const { sessionsAtMs: _, ...view } = hubView(name, { unit: { kind: 'joining' } });
  return view;
};
const unreachable = { code: 'server-unreachable' as const, detail: '', sinceMs: NOW };

describe('the popup shows', () => {
  test.each([
    ['bones before anything was read', undefined, 'blank'],
    ['the way to set up', state({ account: { kind: 'not-configured' } }), 'not-configured'],
    [
      'the way back in',
      state({ account: { kind: 'signed-out', serverUrl: 'https://s' } }),
      'signed-out',
    ],
    [
      'a permission taken back',
      state({ serverFault: { ...unreachable, code: 'permission-missing' } }),
      'permission',
    ],
    ['that it connects, without a list', state(), 'connecting'],
    [
      'that it connects, before the first hub',
      state({ hubsAtMs: NOW, hubs: [unread('a')] }),
      'connecting',
    ],
    ['the join line', state({ hubsAtMs: NOW }), 'no-hubs'],
    ['the list', state({ hubsAtMs: NOW, hubs: [hubView('a')] }), 'list'],
    [
      'the list while another hub joins',
      state({ hubsAtMs: NOW, hubs: [hubView('a'), unread('b')] }),
      'list',
    ],
    ['the strip instead of an endless wait', state({ serverFault: unreachable }), 'list'],
  ] as const)('%s', (_, given, kind) => {
    expect(popupView(given).kind).toBe(kind);
  });

  test('when a sign-in ended, and that agents keep running', () => {
    const account = {
      kind: 'signed-out' as const,
      serverUrl: 'https://hubtab.example.test',
      endedAtMs: new Date(2026, 10, 20).getTime(),
    };
    expect(popupView(state({ account }))).toEqual({
      kind: 'signed-out',
      sentence: 'Your sign-in at hubtab.example.test ended on 20 November. Agents keep running.',
    });
  });
});

describe('the footer says', () => {
  const three = state({
    hubsAtMs: NOW,
    hubs: [hubView('a'), hubView('b'), hubView('c', { unit: { kind: 'off' } }, false)],
  });
  test.each([
    [
      'how many hubs are connected',
      three,
      true,
      { dot: 'connected', text: '2 of 3 hubs connected' },
    ],
    [
      'that all are',
      state({ hubs: [hubView('a')] }),
      true,
      { dot: 'connected', text: '1 hub connected' },
    ],
    ['that it connects', state({ hubs: [unread('a')] }), true, { dot: 'busy', text: 'Connecting' }],
    [
      'how old the list is',
      { ...three, serverFault: unreachable },
      true,
      { dot: 'none', text: 'Hub list from 14:20' },
    ],
    ['that it comes back', three, false, { dot: 'none', text: 'Reconnects by itself' }],
  ] as const)('%s', (_, given, isOnline, summary) => {
    expect(connectionSummary(given as ExtensionState, isOnline, '14:20')).toEqual(summary);
  });
});
