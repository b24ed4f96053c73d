import type { ShellMarks } from './last-answer.ts';

/** First version of tmux that tells the marks of shells, as `tmuxNumber` has it. */
export const MARKS_FROM = 307;

/**
 * Reads lines as `capture-pane -F` writes them: each begins with its flags. `W` lines go on in the next, `P` begins a
 * prompt, `O` a command's output (OSC 133); the others mean nothing here.
 */
export function markedLines(captured: string): { text: string; marks: ShellMarks } {
  const prompts = new Set<number>();
  const outputs = new Set<number>();
  const lines: string[] = [];
  let isWrapped = false;
  for (const line of captured.split('\n')) {
    const [whole = '', flags = ''] = /^([A-Z]+|-) /.exec(line) ?? [];
    const text = line.slice(whole.length);
    if (isWrapped) lines.push((lines.pop() ?? '') + text);
    else lines.push(text);
    if (flags.includes('P')) prompts.add(lines.length - 1);
    if (flags.includes('O')) outputs.add(lines.length - 1);
    isWrapped = flags.includes('W');
  }
  return { text: lines.join('\n'), marks: { prompts, outputs } };
}
