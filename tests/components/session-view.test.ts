import { describe, expect, test } from 'vitest';
import { sessionLabel, sessionRow } from '../../components/session-view.ts';
import { hubView, MINUTE, NOW, session } from './made-up.ts';

const agent = { repo: 'acme/payments-api', issue: '412' };

describe('the label', () => {
  test('of an agent is its repository without owner, and its issue', () => {
    expect(sessionLabel(session('agent-acme-payments-api-412', { agent }))).toEqual({
      name: 'payments-api',
      issue: '#412',
    });
  });

  test('of any other session is its name, without what one cannot see', () => {
    expect(sessionLabel(session('ma\u202ein\u0007'))).toEqual({ name: 'ma in', issue: '' });
  });
});

describe('a row', () => {
  const view = hubView('build-01');
  const waiting = session('x', {
    state: 'waiting',
    stateSinceMs: NOW - 26 * MINUTE,
    question: 'Run npm run migrate?',
    agent,
  });

  test('is read as name, state with age, hub and question', () => {
    expect(sessionRow(view, waiting, false, NOW).spoken).toBe(
      'payments-api 412, waiting 26 minutes, build-01, Run npm run migrate?',
    );
  });

  test('of a hub that is away says what was known, and when', () => {
    const { state, say, isOld } = sessionRow(view, waiting, true, NOW);
    expect({ state, say, isOld }).toEqual({
      state: 'offline',
      say: 'was waiting at 14:20',
      isOld: true,
    });
  });

  test.each([
    ['the title', { state: 'working', title: 'Running tests' }, 'Running tests'],
    ['the program if the title is only the host name', { title: 'build-01' }, 'zsh'],
    [
      'the title instead of a missing question',
      { state: 'waiting', title: 'Bell rang' },
      'Bell rang',
    ],
    ['what it waits for in general', { state: 'waiting' }, 'Waits for an answer'],
    ['that it failed', { state: 'failed' }, 'Failed'],
  ] as const)('says %s', (_, rest, said) => {
    expect(sessionRow(view, session('s', rest), false, NOW).say).toBe(said);
  });
});
