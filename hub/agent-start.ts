import { existsSync } from 'node:fs';
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
  /** False if the agent runs already. */
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
  if (running?.agent && (!running.isDead || existsSync(running.agent.worktree))) {
    const { worktree } = running.agent;
    if (running.isDead) await runAgain(target, running.id, request.command, context.env);
    const isNew = running.isDead && request.command.length > 0;
    const command = isNew ? request.command.join(' ') : running.agent.command;
    return startedAgent(running.agent, running.name, running.id, worktree, command, running.isDead);
  }
  // Its worktree is gone, so that it cannot run again where it was.
  if (running) {
    const ended = await runTmux(target, [['kill-session', '-t', running.id]], context);
    requireTmuxOk(ended, `end what is left of ${running.name}`);
  }
  const settings = readSettings(context.env);
  const named = request.command.length > 0 ? request.command : settings.command;
  const name = running?.name ?? freeName(request, sessions);
  const checkout = await findCheckout(request, request.directory, settings, context);
  const worktree = await ensureWorktree(checkout, request, request.base, context.env);
  await ensureTmuxServer(target, context.env);
  const argv = named ?? loginShell(context.env);
  const shown = argv.join(' ');
  // No -c: tmux would expand #(…) in a path. Without it the session starts where this tmux process does.
  const commands = [
    ...createCommands(request, name, worktree.path, argv, shown),
    // A shell that a person leaves ends, whatever its last command said.
    ...(named === undefined ? [] : keepWhenFailed(name)),
  ];
  const result = await runTmux(target, commands, { env: context.env, cwd: worktree.path });
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

/**
 * A program that fails leaves its last words on the screen and its state in the lists, as if a hook had said it; one that
 * ends well takes its session along. `remain-on-exit failed` says less and is not in every tmux.
 */
function keepWhenFailed(name: string): TmuxCommand[] {
  const failed = [
    'set-option -p @agent_state failed',
    // tmux 3.2 does not know the time: then nobody said since when.
    String.raw`set-option -p -F @agent_since \"#{pane_dead_time}000\"`,
    'set-option -p -q -u @agent_question',
  ].join(' ; ');
  const died = `if-shell -F "#{==:#{pane_dead_status},0}" kill-pane "${failed}"`;
  return [
    ['set-option', '-w', '-t', `=${name}:`, 'remain-on-exit', 'on'],
    ['set-hook', '-w', '-t', `=${name}:`, 'pane-died', died],
  ];
}

/** Runs a failed agent again where it was, with its old command if `argv` is empty. Its terminals stay open. */
async function runAgain(
  target: TmuxTarget,
  id: string,
  argv: readonly string[],
  env: CliContext['env'],
): Promise<void> {
  const pane = `${id}:`;
  const unset = (option: string) => ['set-option', '-p', '-q', '-u', '-t', pane, option];
  const isNew = argv.length > 0;
  const commands = [
    unset('@agent_state'),
    unset('@agent_since'),
    ['respawn-pane', '-t', pane, ...(isNew ? ['--', '/usr/bin/env', '--', ...argv] : [])],
    ...(isNew ? [['set-option', '-t', pane, '--', '@command', argv.join(' ')]] : []),
  ];
  requireTmuxOk(await runTmux(target, commands, { env }), 'run the agent again');
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
