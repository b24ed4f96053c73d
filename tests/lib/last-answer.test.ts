import { describe, expect, test } from 'vitest';
import { answerText, lastAnswer, type ShellMarks } from '../../lib/last-answer.ts';
import { markedLines } from '../../lib/marked-lines.ts';

/** The answer in what a person sees, without the first line end. */
function answerIn(screen: string, marks?: ShellMarks): string | undefined {
  const lines = screen.slice(1).split('\n');
  const span = lastAnswer(lines, marks);
  return span && answerText(lines, span);
}

describe('an agent’s last message', () => {
  test('ends before the box in which one types, and is no report of a tool', () => {
    const screen = `
> #412: a retried webhook refunds twice.

● I will look at the webhook handler.

● Read(src/refunds/service.ts)
  ⎿  212 lines

● The change is covered. The column needs a migration; see

  - docs/migrations.md:18
    and its example

● Run npm test
  │ ✓ 37 passed

╭──────────────────────────────────────────────────────╮
│ >                                                    │
╰──────────────────────────────────────────────────────╯
  ? for shortcuts
`;
    expect(answerIn(screen)).toBe(
      'The change is covered. The column needs a migration; see\n\n- docs/migrations.md:18\n  and its example',
    );
  });

  test('is there while the agent asks whether it may run something', () => {
    const screen = `
❯ fix it
● First.
● Second,
  on two lines.
╭─ Run this command? ──────────────────────────────────╮
│   npm run migrate -- --env staging                   │
╰──────────────────────────────────────────────────────╯`;
    expect(answerIn(screen)).toBe('Second,\non two lines.');
  });

  test('is the one before, while the last question has no answer', () => {
    const screen = `
› what is this?

• A tool for refunds.

› and that?

  esc to interrupt`;
    expect(answerIn(screen)).toBe('A tool for refunds.');
  });

  test('is found above an input line without a box', () => {
    const screen = `
› what is this?
• A tool for refunds.

› Ask anything

  100% context left`;
    expect(answerIn(screen)).toBe('A tool for refunds.');
  });
});

describe('what the last command printed', () => {
  test.each([
    [
      'dev@hub:~/a$ ls\nold\ndev@hub:~/a$ cd ../b && ls -1\none\n\ntwo\ndev@hub:~/b$ ',
      'one\n\ntwo',
    ],
    ['$ true\n$ echo "a $ b"\na $ b\n$', 'a $ b'],
    ['❯ seq 2\n1\n2\n❯ ', '1\n2'],
    ['~/a main\n❯ seq 2\n1\n2\n~/a main\n❯ ', '1\n2'],
    ['➜  a git:(main) ✗ seq 2\n1\n2\n➜  a git:(main) ✗ ', '1\n2'],
    ['root@hub:/# cat x\n# heading\nroot@hub:/# true\nroot@hub:/# ', '# heading'],
    ['dev@hub:~$ make notes\n- one\n• two\ndev@hub:~$ ', '- one\n• two'],
  ])('%j', (screen, answer) => {
    expect(answerIn(`\n${screen}`)).toBe(answer);
  });

  test.each(['', '\n\n', 'working 10 %\nworking 20 %', 'dev@hub:~$ '])(
    'nothing is taken for one in %j',
    (screen) => {
      expect(answerIn(`\n${screen}`)).toBeUndefined();
    },
  );
});

describe('marks of the shell', () => {
  // As tmux 3.7c wrote it for a shell that marks its prompts.
  const captured = `P >> cmd 1
O 1
- 2
W a-long-line-that-wraps-over-the-edge-of-
- the-screen-and-more
P >> cmd 2
OW x-y-z
- -w
PX >> 
`;

  test('say where output begins and ends, over wrapped lines', () => {
    const { text, marks } = markedLines(captured);
    const lines = text.split('\n');
    expect(lines[3]).toBe('a-long-line-that-wraps-over-the-edge-of-the-screen-and-more');
    const span = lastAnswer(lines, marks);
    expect(span && answerText(lines, span)).toBe('x-y-z-w');
  });

  test('a command that printed nothing gave no answer', () => {
    const { text, marks } = markedLines('P >> seq 1\nO 1\nP >> true\nOP >> ');
    const lines = text.split('\n');
    expect(lastAnswer(lines, marks)).toEqual({ first: 1, last: 1 });
  });

  test('an agent within the last command answers by its last message', () => {
    const { text, marks } = markedLines('P >> agent\nO > why?\n- ● So.\n- \n- > \nP >> ');
    expect(lastAnswer(text.split('\n'), marks)).toEqual({ first: 2, last: 2 });
  });
});
