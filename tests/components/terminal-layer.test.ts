import { describe, expect, test } from 'vitest';
import { retriesOnEnter, terminalLayer } from '../../components/terminal-layer.ts';
import type { TerminalState } from '../../lib/terminal-state.ts';
import type { FaultCode } from '../../protocol/contexts.ts';
import { NOW } from './made-up.ts';

const fault = (code: FaultCode) => ({ code, detail: '' });
const lost = (goneMs: number, code: FaultCode = 'connection-lost'): TerminalState => ({
  kind: 'reconnecting',
  sinceMs: NOW - goneMs,
  attempt: 1,
  nextTryAtMs: NOW + 7200,
  fault: fault(code),
  keysNotSent: 0,
  hadScreen: true,
});
const failed = (code: FaultCode): TerminalState => ({
  kind: 'failed',
  fault: fault(code),
  hadScreen: true,
});

describe('a lost connection with a screen', () => {
  test('shows nothing under 2 s', () => {
    expect(terminalLayer(lost(1999), true, NOW)).toEqual({ kind: 'none' });
  });

  test('shows a strip from 2 to 10 s', () => {
    expect([2000, 9999].map((ms) => terminalLayer(lost(ms), true, NOW))).toEqual([
      { kind: 'reconnecting', attempt: 2 },
      { kind: 'reconnecting', attempt: 2 },
    ]);
  });

  test('shows cause and countdown over the screen after 10 s', () => {
    expect(terminalLayer(lost(10_000, 'hub-unreachable'), true, NOW)).toEqual({
      kind: 'lost',
      fault: fault('hub-unreachable'),
      nextTryInS: 8,
      isSolid: false,
    });
  });

  test('stays a strip, not a card, while a try by hand runs', () => {
    const state: TerminalState = { kind: 'connecting', sinceMs: NOW, done: [] };
    expect(terminalLayer(state, true, NOW)).toEqual({ kind: 'reconnecting', attempt: 1 });
  });
});

describe('without a screen', () => {
  test('an offline hub has its card at once', () => {
    expect(terminalLayer(lost(0, 'hub-offline'), false, NOW)).toMatchObject({
      kind: 'lost',
      isSolid: true,
    });
  });

  test('other faults may pass before they are said', () => {
    expect([500, 2500].map((ms) => terminalLayer(lost(ms), false, NOW).kind)).toEqual([
      'connecting',
      'lost',
    ]);
  });
});

describe('connecting', () => {
  test('ticks the steps that are done and spins at the next', () => {
    const state: TerminalState = {
      kind: 'connecting',
      sinceMs: NOW - 4999,
      done: [{ step: 'network', detail: '0.9 s' }, { step: 'hub' }],
    };
    expect(terminalLayer(state, false, NOW)).toEqual({
      kind: 'connecting',
      isSlow: false,
      steps: [
        { step: 'network', state: 'done', detail: '0.9 s' },
        { step: 'hub', state: 'done', detail: '' },
        { step: 'host-key', state: 'now', detail: '' },
        { step: 'shell', state: 'later', detail: '' },
        { step: 'session', state: 'later', detail: '' },
      ],
    });
  });

  test('is slow after 5 s', () => {
    const state: TerminalState = { kind: 'connecting', sinceMs: NOW - 5000, done: [] };
    expect(terminalLayer(state, false, NOW)).toMatchObject({ isSlow: true });
  });
});

describe('a final fault', () => {
  test.each([
    ['host-key-mismatch', true],
    ['hub-removed', true],
    ['access-denied', true],
    ['tmux-missing', false],
    ['session-gone', false],
  ] as const)('%s takes the screen away: %s', (code, isSolid) => {
    expect(terminalLayer(failed(code), true, NOW)).toEqual({
      kind: 'failed',
      fault: fault(code),
      isSolid,
    });
  });
});

test('Enter tries again only while nobody could read what is typed', () => {
  const layers = [lost(0), lost(3000), lost(30_000), failed('tmux-missing'), failed('hub-removed')];
  const canRetry = [true, true, true, true, false];
  expect(
    layers.map((state, i) => retriesOnEnter(terminalLayer(state, true, NOW), canRetry[i] === true)),
  ).toEqual([false, true, true, true, false]);
});
