import type { AgentRequest, UnitCredentials } from '../protocol/contexts.ts';
import { remoteCommand } from './remote-command.ts';
import { exactTarget } from './tmux.ts';

type HubPrograms = Pick<UnitCredentials['hub'], 'tmux' | 'hubtabPath'>;

/** Longest command or folder that a person would type. */
const MAX_TEXT = 1000;

/** Whether a text is a repository on a forge, as the hub takes it: no leading `-` or `.`, since it becomes a path. */
export function isRepo(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(text);
}

/** The number of an issue from what was typed, `12` or `#12`; undefined if it is none. */
export function issueNumber(text: string): number | undefined {
  const digits = /^#?([1-9][0-9]{0,9})$/.exec(text.trim())?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Starts the agent of an issue, or finds the one that runs. @throws RangeError for what is no request */
export function startAgentCommand(hub: HubPrograms, request: AgentRequest): string {
  const { repo, issue, command = '', directory = '' } = request;
  if (!isRepo(repo)) throw new RangeError('repository refused');
  if (issueNumber(String(issue)) === undefined) throw new RangeError('issue refused');
  for (const text of [command, directory])
    if (text.length > MAX_TEXT || /[\u0000-\u001f\u007f]/.test(text))
      throw new RangeError('command or folder refused');
  return remoteCommand([
    hub.hubtabPath,
    'agent',
    'start',
    '--json',
    '--repo',
    repo,
    '--issue',
    String(issue),
    ...(directory === '' ? [] : [`--dir=${directory}`]),
    // A login shell, so that programs are found where the person's own shell finds them.
    ...(command === '' ? [] : ['--', '/bin/sh', '-lc', command]),
  ]);
}

/** The session that a start printed. @throws RangeError when it printed something else */
export function startedSession(stdout: Uint8Array): string {
  let printed: unknown;
  try {
    printed = JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    throw new RangeError('the hub did not answer with JSON');
  }
  const session = (printed as { session?: unknown } | null)?.session;
  if (typeof session !== 'string') throw new RangeError('the hub named no session');
  exactTarget(session);
  return session;
}

/** The session that a shell is opened in on a hub without any. */
export const SHELL_SESSION = 'main';

/**
 * Makes that session. `-N`: a tmux server that were started over SSH would end with tailscaled; the hub starts its own.
 */
export function startShellCommand({ tmux }: HubPrograms): string {
  const { path, socket } = tmux;
  return remoteCommand([path, '-N', '-S', socket, 'new-session', '-d', '-s', SHELL_SESSION]);
}

/** What tmux says when the session is there already. */
export const DUPLICATE_SESSION = /duplicate session/;

/**
 * Ends a session: an agent is asked to end and keeps its worktree, any other session is killed.
 * @throws RangeError when the name is no session's
 */
export function stopCommand(hub: HubPrograms, session: string, isAgent: boolean): string {
  const target = exactTarget(session);
  if (isAgent) return remoteCommand([hub.hubtabPath, 'agent', 'stop', '--json', '--', session]);
  return remoteCommand([hub.tmux.path, '-S', hub.tmux.socket, 'kill-session', '-t', target]);
}

/** Whether a session may be given this name. Stricter than tmux, which runs what stands in `#(…)` of a new name. */
export function isNewName(name: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N} _+@-]{0,63}$/u.test(name) && name === name.trim();
}

/** @throws RangeError when either name is refused */
export function renameCommand({ tmux }: HubPrograms, session: string, name: string): string {
  if (!isNewName(name)) throw new RangeError('new name refused');
  const target = exactTarget(session);
  return remoteCommand([tmux.path, '-S', tmux.socket, 'rename-session', '-t', target, '--', name]);
}
