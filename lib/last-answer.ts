/** Lines from one to another, both counted from 0 and part of it. */
export interface LineSpan {
  first: number;
  last: number;
}

/** Lines at which the shell said (OSC 133) that it prompts, or that a command's output begins; counted from 0. */
export interface ShellMarks {
  prompts: ReadonlySet<number>;
  outputs: ReadonlySet<number>;
}

/** What a person typed to an agent: its input line keeps the sign it was typed behind. */
const INPUT = /^\s{0,2}[>❯›](?:\s|$)/;
/** What agents begin each of their messages with. */
const BULLET = /^\s{0,2}[●⏺•✦◆]\s/;
/** Top or bottom of a box, or a rule over the whole width. */
const RULE = /^\s{0,2}(?:[╭┌╰└][─━]|[─━]{8})/;
/** A tool's report: its name and what it was given, or a branch with what came of it below. */
const TOOL_CALL = /^\s*\S\s+[\w.:-]+\(/;
const TOOL_RESULT = /^\s*[⎿└│├]/;
/** Rows that an input box with its hints, or a question in a box, may have at the end. */
const BOX_ROWS = 30;
const HINT_ROWS = 6;
/** The end of a prompt that waits for a command. `#` alone begins comments and headings as well. */
const PROMPT = /^(.*?)([$%#>❯➜✗λ»])\s*$/;

/**
 * The last answer in a history: the last message of an agent, else what the last command printed. Where the shell marks its
 * prompts (OSC 133), and tmux keeps the marks, they say it; else it is told by the looks of the lines.
 * @returns undefined where nothing looks like one
 */
export function lastAnswer(lines: readonly string[], marks?: ShellMarks): LineSpan | undefined {
  const output = marks && lastOutput(lines, marks);
  const within = output ?? { first: 0, last: lines.length - 1 };
  return agentMessage(lines, within) ?? output ?? commandOutput(lines);
}

/** The text of an answer, without the sign before an agent's message and the indent that comes of it. */
export function answerText(lines: readonly string[], { first, last }: LineSpan): string {
  const text = lines.slice(first, last + 1);
  if (!BULLET.test(text[0] ?? '')) return text.join('\n');
  const indent = /^\s*\S\s+/.exec(text[0] ?? '')?.[0].length ?? 0;
  const blanks = new RegExp(`^ {0,${indent}}`);
  return [text[0]?.slice(indent), ...text.slice(1).map((line) => line.replace(blanks, ''))].join(
    '\n',
  );
}

/** From the last mark after which something was printed to the next prompt. */
function lastOutput(lines: readonly string[], marks: ShellMarks): LineSpan | undefined {
  let next = lines.length;
  for (let line = lines.length - 1; line >= 0; line -= 1) {
    if (marks.prompts.has(line)) next = line;
    const span = marks.outputs.has(line) && trimmed(lines, { first: line, last: next - 1 });
    if (span) return span;
  }
  return undefined;
}

function agentMessage(lines: readonly string[], within: LineSpan): LineSpan | undefined {
  const box = bottomBox(lines, within);
  let last = box === undefined ? within.last : box - 1;
  const askedBefore = () => lastMatch(lines, INPUT, { first: within.first, last });
  let asked = askedBefore();
  const isAgent = box !== undefined || asked !== undefined;
  // Where one types, and what was not answered yet.
  while (asked !== undefined && lastMatch(lines, BULLET, { first: asked, last }) === undefined) {
    last = asked - 1;
    asked = askedBefore();
  }
  const turn = { first: (asked ?? within.first - 1) + 1, last };
  const bullets = range(turn).filter((line) => BULLET.test(lines[line] ?? ''));
  // A list in a command's output has signs too: an agent shows as well what it was asked, or where one types.
  if (bullets.length === 0 || !isAgent) return undefined;
  const said = bullets.findLast((line) => !isTool(lines, line)) ?? bullets.at(-1) ?? turn.first;
  const next = bullets.find((line) => line > said) ?? last + 1;
  return trimmed(lines, { first: said, last: next - 1 });
}

function isTool(lines: readonly string[], line: number): boolean {
  return TOOL_CALL.test(lines[line] ?? '') || TOOL_RESULT.test(lines[line + 1] ?? '');
}

/** Where the box at the end begins: what is typed into, or a question. */
function bottomBox(lines: readonly string[], { first, last }: LineSpan): number | undefined {
  const end = trimmed(lines, { first, last })?.last ?? last;
  const lower = lastMatch(lines, RULE, { first: Math.max(first, end - HINT_ROWS), last: end });
  if (lower === undefined) return undefined;
  return lastMatch(lines, RULE, { first: Math.max(first, lower - BOX_ROWS), last: lower - 1 });
}

/** What stands between the last command at a prompt like the one at the end, and that one. */
function commandOutput(lines: readonly string[]): LineSpan | undefined {
  let end = trimmed(lines, { first: 0, last: lines.length - 1 })?.last ?? 0;
  const prompt = PROMPT.exec(lines[end] ?? '');
  if (!prompt) return undefined;
  const [, before = '', sign = ''] = prompt;
  // The folder in it changes from command to command; what stands before does not.
  const stem = /^[^\s:~/]*/.exec(before)?.[0] ?? '';
  if (stem === '' && sign === '#') return undefined;
  for (let line = end - 1; line >= 0; line -= 1) {
    const text = lines[line] ?? '';
    const at = text.indexOf(sign, stem.length);
    if (!text.startsWith(stem) || at < 0 || !/^\s\S/.test(text.slice(at + 1))) continue;
    if (before === '' && at > 0) continue;
    // A prompt of two lines says the folder in the first.
    const isRepeated = line > 0 && lines[end - 1] !== '' && lines[end - 1] === lines[line - 1];
    const span = trimmed(lines, { first: line + 1, last: isRepeated ? end - 2 : end - 1 });
    if (span) return span;
    end = line; // it printed nothing
  }
  return undefined;
}

function range({ first, last }: LineSpan): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function lastMatch(
  lines: readonly string[],
  pattern: RegExp,
  { first, last }: LineSpan,
): number | undefined {
  for (let line = last; line >= first; line -= 1) if (pattern.test(lines[line] ?? '')) return line;
  return undefined;
}

/** Without the empty lines around it; undefined if there are no others. */
function trimmed(lines: readonly string[], { first, last }: LineSpan): LineSpan | undefined {
  const isText = (line: number) => (lines[line] ?? '').trim() !== '';
  const span = range({ first, last });
  const from = span.find(isText);
  const to = span.findLast(isText);
  return from === undefined || to === undefined ? undefined : { first: from, last: to };
}
