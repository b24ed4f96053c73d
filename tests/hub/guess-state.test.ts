import { expect, it } from 'vitest';
import { guessState } from '../../hub/guess-state.ts';
import type { PaneSigns } from '../../hub/guess-state.ts';

const NOW = 1_000_000;
const pane = (signs: Partial<PaneSigns>): PaneSigns => ({
  state: '',
  question: '',
  since: '',
  hasBell: false,
  title: '',
  ...signs,
});

it.each<[string, Partial<PaneSigns>[], number, string, string | null]>([
  ['a hook before all else', [{ state: 'done', hasBell: true, title: '⠋ x' }], 0, 'done', 'hook'],
  ['the most urgent hook', [{ state: 'done' }, { state: 'waiting' }], 0, 'waiting', 'hook'],
  ['the bell, when a hook says nonsense', [{ state: 'x', hasBell: true }], 0, 'waiting', 'bell'],
  ['a spinner in the title', [{ title: '⠐ Fix the tests' }], NOW, 'working', 'title'],
  ['a raised hand in the title', [{ title: '✋  Action Required' }], NOW, 'waiting', 'title'],
  ['activity', [{ title: 'host' }], NOW - 9000, 'working', 'activity'],
  ['nothing', [{ title: 'host' }], NOW - 11_000, 'unknown', null],
  ['no panes', [], 0, 'unknown', null],
])('tells the state by %s', (_name, panes, outputAtMs, state, from) => {
  expect(guessState(panes.map(pane), outputAtMs, NOW)).toMatchObject({ state, from });
});
