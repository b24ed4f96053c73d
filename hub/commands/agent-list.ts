import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { agoText, alignColumns, printable } from '../text.ts';
import { tmuxTarget } from '../tmux-target.ts';
import type { Session } from '../agent-sessions.ts';
import type { Command } from '../command.ts';

const usage = '[--json]';

/** One entry of `hubtab agent list --json`; times are ISO 8601. */
interface ListedAgent {
  readonly session: string;
  readonly repo: string;
  readonly issue: number;
  readonly worktree: string;
  readonly command: string;
  readonly state: Session['state']['state'];
  /** What told the state: a hook, the bell, the title, activity; null if nothing did. */
  readonly stateFrom: Session['state']['from'];
  readonly question: string | null;
  /** Since when it is in this state; null if nobody said. */
  readonly since: string | null;
  readonly createdAt: string;
  readonly lastOutputAt: string;
}

export const listCommand: Command = {
  verb: 'list',
  usage,
  summary: 'list the agents on this machine, with their state, age and last output',
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

function toListed({ name, agent, state, createdAtMs, outputAtMs }: Session): ListedAgent[] {
  if (!agent) return [];
  return [
    {
      session: name,
      ...agent,
      state: state.state,
      stateFrom: state.from,
      question: state.question,
      since: state.sinceMs === null ? null : isoTime(state.sinceMs),
      createdAt: isoTime(createdAtMs),
      lastOutputAt: isoTime(outputAtMs),
    },
  ];
}

/** A time that any program on this machine may have set: a date that does not exist must not end the listing. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

const COLUMNS = ['SESSION', 'STATE', 'AGE', 'OUTPUT', 'ISSUE', 'QUESTION'];

function describe(agents: readonly ListedAgent[]): string[] {
  if (agents.length === 0) return [];
  const nowMs = Date.now();
  const rows = agents.map((agent) => [
    agent.session,
    agent.state,
    agoText(Date.parse(agent.createdAt), nowMs),
    agoText(Date.parse(agent.lastOutputAt), nowMs),
    `${printable(agent.repo)}#${agent.issue}`,
    printable(agent.question ?? ''),
  ]);
  return alignColumns([COLUMNS, ...rows]);
}
