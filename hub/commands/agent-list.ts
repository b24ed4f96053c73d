import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { tmuxTarget } from '../tmux-target.ts';
import type { AgentInfo, Session } from '../agent-sessions.ts';
import type { Command } from '../command.ts';

const usage = '[--json]';

/** One entry of `hubtab agent list --json`; times are ISO 8601. */
interface ListedAgent {
  readonly session: string;
  readonly repo: string;
  readonly issue: number;
  readonly worktree: string;
  readonly command: string;
  readonly state: AgentInfo['state'];
  readonly question: string | null;
  /** Since when it is in this state; null if nobody said. */
  readonly since: string | null;
  readonly createdAt: string;
  readonly lastActivityAt: string;
}

export const listCommand: Command = {
  verb: 'list',
  usage,
  summary: 'list the agents on this machine',
  async run(args, context) {
    const { values } = parseOrUsage('agent list', usage, () =>
      parseArgs({ args, options: { json: { type: 'boolean' } } }),
    );
    const sessions = await listSessions(await tmuxTarget(context), context.env);
    const agents = sessions.flatMap(toListed);
    if (values.json) context.out(JSON.stringify(agents, null, 2));
    else for (const line of describe(agents)) context.out(line);
    if (agents.length === 0 && !values.json) context.say('No agents run here.');
    return EXIT.ok;
  },
};

function toListed(session: Session): ListedAgent[] {
  const { agent } = session;
  if (!agent) return [];
  return [
    {
      session: session.name,
      repo: agent.repo,
      issue: agent.issue,
      worktree: agent.worktree,
      command: agent.command,
      state: agent.state,
      question: agent.question,
      since: agent.sinceMs === null ? null : isoTime(agent.sinceMs),
      createdAt: isoTime(session.createdAtMs),
      lastActivityAt: isoTime(session.activeAtMs),
    },
  ];
}

/** A time that any program on this machine may have set: a date that does not exist must not end the listing. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

function describe(agents: readonly ListedAgent[]): string[] {
  const width = Math.max(0, ...agents.map((agent) => agent.session.length));
  return agents.map((agent) =>
    [
      agent.session.padEnd(width),
      agent.state.padEnd('working'.length),
      agent.lastActivityAt,
      printable(agent.question ?? ''),
    ]
      .join('  ')
      .trimEnd(),
  );
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
