import { expect, test } from 'vitest';
import { faultOfCommand } from '../../lib/tmux-faults.ts';

const exited = (code: number) => ({ code, reason: 'exited' });

test.each([
  [exited(127), 'bash: line 1: /usr/bin/tmux: No such file or directory', 'tmux-missing'],
  [exited(126), 'bash: /usr/bin/tmux: Permission denied', 'tmux-missing'],
  [exited(1), "can't find session: x\r\n", 'session-gone'],
  [exited(1), 'no server running on /tmp/tmux-1000/default', 'session-gone'],
  [exited(1), 'error connecting to /tmp/s (No such file or directory)', 'session-gone'],
  [{ reason: 'unknown-user' }, '', 'unknown-user'],
  [{ reason: 'connection-lost' }, '', 'connection-lost'],
  [exited(1), 'open terminal failed: missing or unsuitable terminal', 'internal'],
])('%j with %j', (end, text, code) => {
  expect(faultOfCommand(end, text).code).toBe(code);
});

test('details hold no control characters, whatever a hub sent', () => {
  const { detail } = faultOfCommand(exited(2), '\u001b]52;c;ZXZpbA==\u0007\u009b31mred');
  expect(detail).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
