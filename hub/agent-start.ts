import { userInfo } from 'node:os';
import { findAgent, listSessions } from './agent-sessions.ts';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { sessionName, sessionNameWithHash } from './issue-ref.ts';
import { requireTmuxOk, runTmux } from './tmux.ts';
import { ensureTmuxServer } from './tmux-server.ts';
import { findCheckout } from './checkout.ts';
import { ensureWorktree } from './worktree.ts';
import { readSettings } from './settings.ts';
import type { Session } from './agent-sessions.ts';
import type { CliContext } from './context.ts';
import type { IssueRef } from './issue-ref.ts';
import type { TmuxCommand, TmuxTarget } from './tmux.ts';

export interface StartRequest extends IssueRef {
  /** The checkout, or where to clone to; if unset, see `findCheckout`. */
  readonly directory: string | undefined;
  /** If unset, the remote's default branch, else the checkout's HEAD. */
  readonly base: string | undefined;
  /** Program and arguments; if empty, that of the settings, else the user's login shell. */
  readonly command: readonly string[];
}

export interface StartedAgent extends IssueRef {
  readonly session: string;
  readonly sessionId: string;
  readonly worktree: string;
  readonly command: string;
  /** False if the agent was there already. */
  readonly created: boolean;
}

/**
 * Starts an agent in its worktree, or finds the one that runs. The caller holds the agent lock.
 *
 * @throws HubtabError; a worktree that was made is kept and used by the next start, a session is whole or absent.
 */
export async function startAgent(
  request: StartRequest,
  target: TmuxTarget,
  context: CliContext,
): Promise<StartedAgent> {
  const sessions = await listSessions(target, context.env);
  const running = findAgent(sessions, request);
  if (running?.agent) {
    const { worktree, command } = running.agent;
    return startedAgent(running.agent, running.name, running.id, worktree, command, false);
  }
  const settings = readSettings(context.env);
  const name = freeName(request, sessions);
  const checkout = await findCheckout(request, request.directory, settings, context);
  const worktree = await ensureWorktree(checkout, request, request.base, context.env);
  await ensureTmuxServer(target, context.env);
  const argv =
    request.command.length > 0 ? request.command : (settings.command ?? loginShell(context.env));
  const shown = argv.join(' ');
  // No -c: tmux would expand #(…) in a path. Without it the session starts where this tmux process does.
  const result = await runTmux(target, createCommands(request, name, worktree.path, argv, shown), {
    env: context.env,
    cwd: worktree.path,
  });
  const id = requireTmuxOk(result, `start session ${name}`).trim();
  return startedAgent(request, name, id, worktree.path, shown, true);
}

function startedAgent(
  { repo, issue }: IssueRef,
  session: string,
  sessionId: string,
  worktree: string,
  command: string,
  created: boolean,
): StartedAgent {
  return { session, sessionId, repo, issue, worktree, command, created };
}

/** One tmux process makes the session and its options, so that there is never one without the other. */
function createCommands(
  { repo, issue }: IssueRef,
  name: string,
  worktree: string,
  argv: readonly string[],
  shown: string,
): TmuxCommand[] {
  const set = (option: string, value: string) => [
    'set-option',
    '-t',
    `=${name}:`,
    '--',
    option,
    value,
  ];
  return [
    // tmux gives a single word to a shell and runs several as they are; `env` makes it several.
    [
      'new-session',
      '-d',
      '-P',
      '-F',
      '#{session_id}',
      '-s',
      name,
      '--',
      '/usr/bin/env',
      '--',
      ...argv,
    ],
    set('@repo', repo),
    set('@issue', String(issue)),
    set('@worktree', worktree),
    set('@command', shown),
    // Our names are longer than the ten columns that tmux gives them.
    set('status-left-length', '40'),
  ];
}

/** @throws HubtabError (conflict) if both possible names are taken by other sessions. */
function freeName(ref: IssueRef, sessions: readonly Session[]): string {
  const names = [sessionName(ref), sessionNameWithHash(ref)];
  const free = names.find((name) => !sessions.some((session) => session.name === name));
  if (free !== undefined) return free;
  throw new HubtabError(
    EXIT.conflict,
    `the session names ${names.join(' and ')} are taken by other sessions; rename one of them.`,
  );
}

function loginShell(env: CliContext['env']): string[] {
  return [userInfo().shell ?? env['SHELL'] ?? '/bin/sh', '-l'];
}
