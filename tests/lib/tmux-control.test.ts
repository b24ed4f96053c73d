import { describe, expect, test } from 'vitest';
import { ControlReader, type ControlEvent } from '../../lib/tmux-control.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** All that a reader makes of a text, with bodies as text. */
function read(text: string, cut = text.length): unknown[] {
  const reader = new ControlReader();
  const all = bytes(text);
  const events: ControlEvent[] = [];
  for (let at = 0; at < all.length; at += cut) events.push(...reader.push(all.slice(at, at + cut)));
  return events.map((event) =>
    event.kind === 'reply' ? { ...event, body: new TextDecoder().decode(event.body) } : event,
  );
}

const SAID = [
  '%begin 1795378187 275 0',
  '%end 1795378187 275 0',
  '%session-changed $0 hubtab-watch',
  '%begin 1795378194 288 1',
  'x%1 日本',
  'x%0 ',
  '%end 1795378194 288 1',
  '%subscription-changed state $0 - - - : $10%1waiting',
  '%exit',
  '',
].join('\n');

const MEANT = [
  { kind: 'reply', isOk: true, isOurs: false, body: '' },
  { kind: 'notice', name: 'session-changed' },
  { kind: 'reply', isOk: true, isOurs: true, body: 'x%1 日本\nx%0 \n' },
  { kind: 'notice', name: 'subscription-changed', subscription: 'state' },
  { kind: 'notice', name: 'exit' },
];

test.each([1, 2, 3, 7, 1000])('what tmux says is read, however it is cut: %i bytes', (cut) => {
  expect(read(SAID, cut)).toEqual(MEANT);
});

test('a refused command is an answer that is not ok', () => {
  expect(read('%begin 1 2 1\nno current client\n%error 1 2 1\n')).toEqual([
    { kind: 'reply', isOk: false, isOurs: true, body: 'no current client\n' },
  ]);
});

describe('what a program on the hub may put between', () => {
  test('an end with other numbers is text', () => {
    expect(read('%begin 1 2 1\n%end 1 3 1\n%begin 1 2 1\n%exit\n%end 1 2 1\n')).toEqual([
      { kind: 'reply', isOk: true, isOurs: true, body: '%end 1 3 1\n%begin 1 2 1\n%exit\n' },
    ]);
  });

  test('lines that are nothing are nothing', () => {
    expect(read('hello\n%\n%%\n% exit\n%EXIT\n%évil\n\u0000\n\n%exit\n')).toEqual([
      { kind: 'notice', name: 'exit' },
    ]);
  });

  test('bytes that are no UTF-8 stay in the answer as they are', () => {
    const reader = new ControlReader();
    const [event] = reader.push(
      Uint8Array.from([...bytes('%begin 1 2 1\n'), 0xff, 0xc3, 10, ...bytes('%end 1 2 1\n')]),
    );
    expect(event).toMatchObject({ body: Uint8Array.from([0xff, 0xc3, 10]) });
  });

  test('a line without end, and an answer without end, end the reading', () => {
    const endless = new ControlReader();
    const events = Array.from({ length: 600 }, () => endless.push(new Uint8Array(1024).fill(120)));
    expect(events.flat()).toEqual([{ kind: 'broken', why: 'a line without end' }]);

    const talker = new ControlReader();
    talker.push(bytes('%begin 1 2 1\n'));
    const said = Array.from({ length: 3000 }, () => talker.push(bytes(`${'x'.repeat(1000)}\n`)));
    expect(said.flat()).toEqual([{ kind: 'broken', why: 'an answer without end' }]);
  });

  test('any noise is survived, and never becomes an answer of ours', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const words = ['%begin', '%end', '%error', '%exit', ' ', '1', '2', '\n', '%', '\u0000', 'é'];
    for (let round = 0; round < 500; round += 1) {
      const reader = new ControlReader();
      const noise = Array.from({ length: 200 }, () => words[random(words.length)]).join('');
      const events = reader.push(bytes(noise));
      const begun = noise.match(/%begin[^\n]* 1\n/g)?.length ?? 0;
      const ours = events.filter((event) => event.kind === 'reply' && event.isOurs);
      expect(ours.length).toBeLessThanOrEqual(begun);
    }
  });
});
