import { describe, expect, test } from 'vitest';
import {
  filterRows,
  hubStatus,
  pathText,
  rowsInOrder,
  sessionGroups,
} from '../../components/session-groups.ts';
import { hubView, MINUTE, NOW, session } from './made-up.ts';

const since = (minutes: number) => NOW - minutes * MINUTE;
const build = hubView('build-01', {
  sessions: [
    session('zeta'),
    session('done', { state: 'done', stateSinceMs: since(1) }),
    session('fresh', { state: 'working', stateSinceMs: since(1) }),
    session('young', { state: 'waiting', stateSinceMs: since(9), question: 'Deploy?' }),
    session('failed', { state: 'failed', stateSinceMs: since(50) }),
    session('alpha', { activityAtMs: since(90) }),
    session('long', { state: 'working', stateSinceMs: since(4) }),
  ],
});
const mini = hubView('mini', {
  sessions: [session('old', { state: 'waiting', stateSinceMs: since(26) })],
});
const away = hubView(
  'atelier',
  { sessions: [session('site', { state: 'waiting', stateSinceMs: since(99) })] },
  false,
);
const groups = sessionGroups([build, mini, away], true, NOW);
const names = (rows: { session: string }[]) => rows.map((row) => row.session);

describe('the groups', () => {
  test('begin with who waits, over all hubs, oldest first', () => {
    expect(names(groups.waiting)).toEqual(['old', 'young']);
  });

  test('order a hub by working, failed, done, idle; the idle by name, so that rows do not dance', () => {
    expect(names(groups.hubs[0]?.rows ?? [])).toEqual([
      'fresh',
      'long',
      'failed',
      'done',
      'alpha',
      'zeta',
    ]);
  });

  test('hide the heading of a hub whose sessions all wait', () => {
    expect(groups.hubs.map(({ view, isHidden }) => [view.hub.name, isHidden])).toEqual([
      ['build-01', false],
      ['mini', true],
      ['atelier', false],
    ]);
  });

  test('keep what waited on a hub that is away under that hub', () => {
    expect(names(groups.hubs[2]?.rows ?? [])).toEqual(['site']);
  });

  test('are passed by the arrow keys from top to bottom', () => {
    expect(names(rowsInOrder(groups))).toEqual([
      'old',
      'young',
      'fresh',
      'long',
      'failed',
      'done',
      'alpha',
      'zeta',
      'site',
    ]);
  });

  test('show the last known states while the browser is offline, and blame no hub', () => {
    const fault = { code: 'hub-unreachable' as const, detail: '' };
    const offline = sessionGroups([{ ...mini, sessionsFault: fault }], false, NOW);
    expect([
      offline.waiting.length,
      offline.hubs[0]?.rows[0]?.state,
      offline.hubs[0]?.fault,
    ]).toEqual([0, 'offline', undefined]);
  });
});

describe('a hub', () => {
  const fault = { code: 'tmux-missing' as const, detail: 'exit 127' };

  test('whose reading failed keeps its rows as last known, with the fault', () => {
    const [group] = sessionGroups([{ ...mini, sessionsFault: fault }], true, NOW).hubs;
    expect([group?.isOld, group?.fault, names(group?.rows ?? [])]).toEqual([true, fault, ['old']]);
  });

  test.each([
    ['read and empty', hubView('mini'), 'no-sessions'],
    ['never read', (({ sessionsAtMs: _, ...rest }) => rest)(hubView('mini')), 'reading'],
    ['broken', hubView('mini', { sessionsFault: fault }), 'none'],
    ['offline', hubView('mini', {}, false), 'none'],
  ] as const)('that is %s has the note %s', (_, view, note) => {
    expect(sessionGroups([view], true, NOW).hubs[0]?.note).toBe(note);
  });

  test.each([
    ['online and measured', hubView('a'), 'relay fra · 42 ms'],
    ['joining', hubView('a', { unit: { kind: 'joining' } }), 'Connecting'],
    ['away', hubView('a', {}, false), 'Offline, last seen 12 min ago'],
  ] as const)('that is %s says %s', (_, view, status) => {
    expect(hubStatus(view, NOW)).toBe(status);
  });
});

test('a path is named by its relay, and never takes no time', () => {
  expect([
    pathText({ via: 'direct', rttMs: 0.2 }),
    pathText({ via: 'relay fra', rttMs: 18 }),
  ]).toEqual(['direct · 1 ms', 'relay fra · 18 ms']);
});

describe('filtering', () => {
  const agent = (repo: string, issue: string) => ({ agent: { repo: `acme/${repo}`, issue } });
  const rows = rowsInOrder(
    sessionGroups(
      [
        hubView('build-01', {
          sessions: [
            session('a', {
              state: 'waiting',
              question: 'Use payments v2?',
              ...agent('hubtab', '31'),
            }),
            session('b', { state: 'failed', ...agent('payments-api', '398') }),
            session('c', agent('old-payments', '9')),
          ],
        }),
      ],
      true,
      NOW,
    ),
  );

  test.each([
    ['pay', ['b', 'c', 'a']],
    ['398', ['b']],
    ['#31', ['a']],
    ['payments failed', ['b']],
    ['BUILD idle', ['c']],
    ['paymenst', []],
    ['   ', ['a', 'b', 'c']],
  ])('by “%s” finds %j, best first', (query, found) => {
    expect(names(filterRows(rows, query))).toEqual(found);
  });
});
