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

const esc = (codes: string, text: string) => `\u001b[${codes}m${text}\u001b[0m`;
const dot = esc('32', '●');

/** What the agent in the demo's terminal has said so far. */
const TRANSCRIPT = [
  `${esc('90', '>')} ${esc('1', '#412: a retried webhook refunds twice. Fix it and keep the public API as it is.')}`,
  '',
  `${esc('90', '●')} I will look at how the webhook handler and the refund service share state.`,
  '',
  `${dot} ${esc('1', 'Search')} "createRefund" in src/ ${esc('90', '6 matches in 4 files')}`,
  `${dot} ${esc('1', 'Read')} src/refunds/service.ts ${esc('90', '212 lines')}`,
  `${dot} ${esc('1', 'Edit')} src/refunds/service.ts ${esc('32', '+3')} ${esc('31', '-1')}`,
  `  ${esc('90', '│ 41')}   ${esc('35', 'export async function')} ${esc('34', 'createRefund')}(order: ${esc('36', 'Order')}) {`,
  `  ${esc('90', '│ 42')} ${esc('31', '-   const refund = await gateway.refund(order.chargeId, amount);')}`,
  `  ${esc('90', '│ 42')} ${esc('32', '+   const known = await refunds.findByDelivery(order.deliveryId);')}`,
  `  ${esc('90', '│ 43')} ${esc('32', '+   if (known) return known;')}`,
  `${dot} ${esc('1', 'Run')} npm test -- refunds ${esc('90', '2.3 s')}`,
  `  ${esc('90', '│')} ${esc('32', '✓')} service.test.ts ${esc('90', '(21)')}  ${esc('32', '✓')} deliver.test.ts ${esc('90', '(9)')}`,
  '',
  ` ${esc('33', '┌ Run this command? ───────────────────────────────────┐')}`,
  ` ${esc('33', '│')} ${esc('1', 'npm run migrate -- --env staging')}                     ${esc('33', '│')}`,
  ` ${esc('33', '└──────────────────────────────────────────────────────┘')}`,
  '',
].join('\n');

/** Starts the agents in real worktrees, and switches the last hub off. */
export async function dressHubs(hubs: readonly StackHub[]): Promise<void> {
  for (const agent of AGENTS) {
    const hub = hubs[agent.hub];
    if (!hub) throw new Error('invariant: the demo has three hubs');
    const repository = await hub.makeRepository(agent.repo.replace('/', '-'));
    const issue = String(agent.issue);
    const start = ['agent', 'start', '--repo', agent.repo, '--issue', issue, '--dir', repository];
    const show = ['--', 'sh', '-c', 'printf "%s\\n" "$0"; exec bash', TRANSCRIPT];
    const command = agent.state === 'waiting' && agent.hub === 0 ? show : [];
    const started = await hub.hubtab([...start, '--json', ...command]);
    const { session } = JSON.parse(started) as { session: string };
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
