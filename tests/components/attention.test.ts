import { describe, expect, test } from 'vitest';
import { isQuietHour, news, NOBODY_TOLD, noticeWords } from '../../components/attention.ts';
import { toolbarView } from '../../components/toolbar-view.ts';
import { waitingSessions } from '../../lib/waiting.ts';
import type { HubView } from '../../protocol/contexts.ts';
import { hubView, MINUTE, NOW, session, SIGNED_IN } from './made-up.ts';

const waits = (name: string, sinceMs = NOW) =>
  session(name, { state: 'waiting', stateSinceMs: sinceMs });
const AWAKE = { nowMs: NOW, isQuiet: false, lookedAt: undefined };

/** What is shown of some hubs after others were seen. */
function shown(before: HubView[], after: HubView[], occasion = {}) {
  const { told } = news(NOBODY_TOLD, before, AWAKE);
  return news(told, after, { ...AWAKE, ...occasion }).show.map(({ session: { name } }) => name);
}

describe('news', () => {
  const quiet = [hubView('build', { sessions: [session('a')] })];
  const loud = [hubView('build', { sessions: [waits('a')] })];

  test('an agent that begins to wait is news, once', () => {
    expect(shown(quiet, loud)).toEqual(['a']);
    expect(shown(loud, loud)).toEqual([]);
  });

  test('who waits already when a hub is first read is none', () => {
    expect(shown([], loud)).toEqual([]);
  });

  test('one that asks again is news again', () => {
    expect(shown(loud, [hubView('build', { sessions: [waits('a', NOW + 5)] })])).toEqual(['a']);
  });

  test('nothing is shown in quiet hours, nor of the session one looks at', () => {
    expect(shown(quiet, loud, { isQuiet: true })).toEqual([]);
    const lookedAt = waitingSessions(loud)[0]?.key;
    expect(shown(quiet, loud, { lookedAt })).toEqual([]);
  });

  test('what waits no longer is withdrawn', () => {
    const { told } = news(NOBODY_TOLD, loud, AWAKE);
    expect(news(told, quiet, AWAKE).withdraw).toEqual(waitingSessions(loud).map(({ key }) => key));
  });

  test('a hub that turns states on and off shows four a minute, others are not held back', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => waits(`s${i}`));
    const before = [hubView('noisy'), hubView('calm')];
    const after = [
      hubView('noisy', { sessions: many(30) }),
      hubView('calm', { sessions: many(1) }),
    ];
    expect(shown(before, after)).toHaveLength(5);
    let { told } = news(NOBODY_TOLD, before, AWAKE);
    let count = 0;
    for (let second = 0; second < 60; second += 1) {
      const flapping = [hubView('noisy', { sessions: [waits('s', NOW + second)] })];
      const next = news(told, flapping, { ...AWAKE, nowMs: NOW + second * 1000 });
      told = next.told;
      count += next.show.length;
    }
    expect(count).toBe(4);
    const later = [hubView('noisy', { sessions: [waits('s', NOW + MINUTE)] })];
    expect(news(told, later, { ...AWAKE, nowMs: NOW + 2 * MINUTE }).show).toHaveLength(1);
  });
});

test.each([
  [22, 7, 23, true],
  [22, 7, 6, true],
  [22, 7, 7, false],
  [22, 7, 12, false],
  [9, 17, 12, true],
  [9, 17, 17, false],
])('quiet from %i to %i: at %i it is %s', (from, to, hour, isQuiet) => {
  const hours = { fromMin: from * 60, toMin: to * 60 };
  expect(isQuietHour(hours, new Date(2026, 10, 22, hour, 0))).toBe(isQuiet);
  expect(isQuietHour(null, new Date(2026, 10, 22, hour, 0))).toBe(false);
});

describe('what a notification says', () => {
  const words = (rest: Parameters<typeof session>[1]) => {
    const [first] = waitingSessions([
      hubView('build', { sessions: [session('main', { state: 'waiting', ...rest })] }),
    ]);
    if (!first) throw new Error('invariant: it waits');
    return noticeWords(first);
  };

  test('agent, repository and issue, and what is asked', () => {
    expect(
      words({ agent: { repo: 'acme/payments-api', issue: '412' }, question: 'Run it?' }),
    ).toEqual({ title: 'payments-api #412 needs you', message: 'Run it?\non build' });
    expect(words({ hasBell: true })).toEqual({
      title: 'main needs you',
      message: 'Bell rang\non build',
    });
  });

  test('hostile text is one line, without what cannot be seen, and short', () => {
    const { title, message } = words({
      agent: { repo: `acme/\u202eevil\n\u001b[31m${'x'.repeat(300)}`, issue: '1\n2' },
      question: `first\nsecond\u0000\u2066${'y'.repeat(1000)}`,
    });
    expect(title).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(title.length).toBeLessThan(130);
    expect(message.split('\n')).toHaveLength(2);
    expect(message.length).toBeLessThan(300);
  });
});

describe('the toolbar', () => {
  const look = (hubs: HubView[]) => toolbarView({ account: SIGNED_IN, hubs });
  test('counts who waits over all hubs that answer', () => {
    const hubs = [
      hubView('a', { sessions: [waits('x'), session('y')] }),
      hubView('b', { sessions: [waits('x')] }),
      hubView('c', { sessions: [waits('x')] }, false),
    ];
    expect(look(hubs)).toEqual({ badge: '2', title: 'Hubtab: 2 agents wait', icon: 'waiting' });
    expect(look(hubs.slice(0, 1)).title).toBe('Hubtab: 1 agent waits');
    const many = Array.from({ length: 12 }, (_, i) => waits(`s${i}`));
    expect(look([hubView('a', { sessions: many })]).badge).toBe('9+');
  });

  test('says nothing when nobody waits, and what is wrong when something is', () => {
    expect(look([hubView('a')])).toEqual({ badge: '', title: 'Hubtab', icon: 'connected' });
    expect(look([hubView('a', { unit: { kind: 'joining' } })]).badge).toBe('…');
    const signedOut = { kind: 'signed-out', serverUrl: 'https://x.test' } as const;
    expect(toolbarView({ account: signedOut, hubs: [] }).badge).toBe('?');
    const serverFault = { code: 'server-unreachable', detail: '', sinceMs: NOW } as const;
    expect(toolbarView({ account: SIGNED_IN, hubs: [], serverFault })).toEqual({
      badge: '!',
      title: 'Hubtab: hubtab.example.test does not answer',
      icon: 'offline',
    });
  });
});
