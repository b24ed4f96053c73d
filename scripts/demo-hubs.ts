import type { StackHub } from './stack/hub.ts';

/** The session that the demo opens. */
export const DEMO_SESSION = 'agent-acme-payments-api-412';

interface DemoAgent {
  hub: number;
  repo: string;
  issue: number;
  state: 'working' | 'waiting' | 'done' | 'failed';
  question?: string;
  title: string;
}

/** Agents as one finds them in the middle of a day. The states are said as their hooks would say them. */
const AGENTS: readonly DemoAgent[] = [
  {
    hub: 0,
    repo: 'acme/payments-api',
    issue: 412,
    state: 'waiting',
    question: 'Run “npm run migrate -- --env staging”?',
    title: 'Run the migration?',
  },
  { hub: 0, repo: 'acme/hubtab', issue: 31, state: 'working', title: 'Running tests (3 of 5)' },
  { hub: 0, repo: 'acme/payments-api', issue: 398, state: 'failed', title: 'Exit 1' },
  {
    hub: 1,
    repo: 'acme/handbook',
    issue: 88,
    state: 'waiting',
    question: 'Two chapters conflict. Keep mine or theirs?',
    title: 'Merging',
  },
  { hub: 1, repo: 'acme/handbook', issue: 91, state: 'done', title: 'Opened pull request 94' },
];

/** Starts the agents in real worktrees, and switches the last hub off. */
export async function dressHubs(hubs: readonly StackHub[]): Promise<void> {
  for (const agent of AGENTS) {
    const hub = hubs[agent.hub];
    if (!hub) throw new Error('invariant: the demo has three hubs');
    const repository = await hub.makeRepository(agent.repo.replace('/', '-'));
    const issue = String(agent.issue);
    const start = ['agent', 'start', '--repo', agent.repo, '--issue', issue, '--dir', repository];
    const { session } = JSON.parse(await hub.hubtab([...start, '--json'])) as { session: string };
    const target = `=${session}:`;
    await hub.tmux('set-option', '-p', '-t', target, '@agent_state', agent.state);
    await hub.tmux('set-option', '-p', '-t', target, '@agent_since', String(Date.now()));
    if (agent.question)
      await hub.tmux('set-option', '-p', '-t', target, '@agent_question', agent.question);
    await hub.tmux('select-pane', '-t', target, '-T', agent.title);
  }
  await hubs[0]?.tmux('new-session', '-d', '-s', 'main');
  await hubs[2]?.hubtab(['hub', 'down']);
}
