import { describe, expect, test } from 'vitest';
import { ACTION_LABELS, FAULT_CODES, faultWords } from '../../components/faults.ts';

const NAMES = { hub: 'build-01', server: 'hubtab.example.test', user: 'dev', session: 'main' };

describe.each(FAULT_CODES)('the words for %s', (code) => {
  const everywhere = (['page', 'form', 'list'] as const).map((place) =>
    faultWords(code, NAMES, place),
  );

  test('are a label and at most two short sentences that end', () => {
    for (const { title, sentence } of everywhere) {
      expect(title).toMatch(/[^.]$/);
      expect(sentence).toMatch(/[.]$/);
      expect(sentence.match(/[.?!](?= [A-Z]|$)/g)?.length).toBeLessThanOrEqual(2);
      expect(sentence.length).toBeLessThan(150);
    }
  });

  test('leave no blank unfilled and do not say oops', () => {
    for (const { title, sentence } of everywhere) {
      expect(`${title} ${sentence}`).not.toMatch(/[{}]|undefined|oops|sorry|error/i);
    }
  });

  test('read well when no name is known', () => {
    const { title, sentence } = faultWords(code);
    expect(`${title}|${sentence}`).not.toMatch(/[{}]|(^|\|)the /);
  });

  test('offer an action that has a label, or say what to do', () => {
    const { action, sentence } = faultWords(code, NAMES);
    const says = /ask|type|update|report|install|run|wait/i.test(sentence);
    expect(ACTION_LABELS[action] !== '' || says).toBe(true);
  });
});

test('a used pairing code says that a code works once and where a new one comes from', () => {
  expect(faultWords('pairing-code-used', NAMES, 'form').sentence).toBe(
    'A code works once. Ask for a new one; if you did not use this one, say so to whoever runs hubtab.example.test.',
  );
});

test('a silent server is said differently where nothing is connected yet', () => {
  const said = [
    faultWords('server-unreachable', NAMES, 'list'),
    faultWords('server-unreachable', NAMES, 'form'),
  ];
  expect(said.map(({ sentence }) => sentence)).toEqual([
    'hubtab.example.test does not answer. Open terminals keep working.',
    'hubtab.example.test does not answer. Check the spelling, and that the server runs.',
  ]);
});

test('a changed host key offers no way to go on', () => {
  expect(faultWords('host-key-mismatch', NAMES)).toEqual({
    title: 'The host key of build-01 changed',
    sentence:
      'Nothing was sent. If nobody reinstalled this hub, another machine may be answering in its place.',
    action: 'close-tab',
  });
});

test('a hostile session name stays one line of plain text', () => {
  const { sentence } = faultWords('session-gone', {
    hub: 'build-01',
    session: 'a\u202e\n$(id){hub}',
  });
  expect(sentence).toBe('build-01 has no session a $(id){hub}.');
});
