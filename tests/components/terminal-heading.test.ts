import { describe, expect, test } from 'vitest';
import {
  connectionNote,
  favicon,
  headingState,
  tabTitle,
} from '../../components/terminal-heading.ts';
import { terminalLayer } from '../../components/terminal-layer.ts';
import type { TerminalState } from '../../lib/terminal-state.ts';
import { NOW } from './made-up.ts';

const path = { via: 'fra', rttMs: 42 };
const lost = (goneMs: number): TerminalState => ({
  kind: 'reconnecting',
  sinceMs: NOW - goneMs,
  attempt: 0,
  fault: { code: 'connection-lost', detail: '' },
  keysNotSent: 0,
  hadScreen: true,
});
const note = (state: TerminalState) =>
  connectionNote(state, terminalLayer(state, true, NOW), path, NOW);

test('a title leads with the state and names repository, issue and hub', () => {
  expect([
    tabTitle('waiting', { name: 'payments-api', issue: '#412' }, 'build-01'),
    tabTitle('offline', { name: 'main', issue: '' }, ''),
    tabTitle('working', { name: 'main', issue: '' }, 'build-01', 42),
  ]).toEqual(['◆ payments-api #412 – build-01', '◌ main', '● 42% main – build-01']);
});

describe('the bar says of the connection', () => {
  test.each([
    ['its path', { kind: 'open', hubName: 'a', path }, { dot: 'dot', text: 'relay fra · 42 ms' }],
    ['the last path in a short gap', lost(1000), { dot: 'dot', text: 'relay fra · 42 ms' }],
    ['for how long nobody answers', lost(4200), { dot: 'dot slow', text: 'no answer for 4 s' }],
    ['since when it is lost', lost(24_000), { dot: 'dot broken', text: 'lost 24 s ago' }],
    [
      'that the session ended',
      { kind: 'ended', how: 'exited', afterMs: 0 },
      { dot: 'dot none', text: 'ended' },
    ],
  ] as const)('%s', (_, state, said) => {
    expect(note(state)).toEqual(said);
  });
});

test('the shape is the agent’s while there is a connection, else the connection’s', () => {
  const shape = (state: TerminalState) =>
    headingState(state, terminalLayer(state, true, NOW), 'working');
  expect([
    shape({ kind: 'open', hubName: 'a' }),
    shape(lost(4000)),
    shape(lost(11_000)),
    shape({ kind: 'failed', fault: { code: 'host-key-mismatch', detail: '' }, hadScreen: true }),
    shape({ kind: 'ended', how: 'exited', code: 1, afterMs: 0 }),
    shape({ kind: 'ended', how: 'exited', code: 0, afterMs: 0 }),
  ]).toEqual(['working', 'working', 'offline', 'failed', 'failed', 'done']);
});

test('the favicon has one of four middles', () => {
  expect((['working', 'waiting', 'done', 'offline'] as const).map(favicon)).toEqual([
    '/icons/hubtab-32.png',
    '/icons/hubtab-waiting-32.png',
    '/icons/hubtab-idle-32.png',
    '/icons/hubtab-offline-32.png',
  ]);
});
