import { attachCommand } from './agent-attach.ts';
import { hooksCommand } from './agent-hooks.ts';
import { listCommand } from './agent-list.ts';
import { logsCommand } from './agent-logs.ts';
import { notifyCommand } from './agent-notify.ts';
import { shellCommand } from './agent-shell.ts';
import { startCommand } from './agent-start.ts';
import { stateCommand } from './agent-state.ts';
import { stopCommand } from './agent-stop.ts';
import type { Noun } from '../command.ts';

/** `hubtab agent …`: coding agents in tmux sessions on this machine. */
export const agentNoun: Noun = {
  noun: 'agent',
  summary: 'run coding agents, each in a git worktree and a tmux session of its own',
  commands: [
    startCommand,
    listCommand,
    attachCommand,
    shellCommand,
    logsCommand,
    stopCommand,
    stateCommand,
    notifyCommand,
    hooksCommand,
  ],
};
