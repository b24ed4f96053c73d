import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clickSession, openPopup, signIn, whenScreen } from '../../scripts/driver.ts';
import { bin } from '../../scripts/paths.ts';
import { run } from '../../scripts/stack/run.ts';
import { browserKey, firstHub, headscaleNodes, until, useStage } from './stage.ts';
import { startStockNode, type StockNode } from './stock-node.ts';

// The testing checklist of the implementation guide, phases 1 and 2, a case for each line; and what the hub's part of
// the product is for: every agent that was started is in the popup and opens on a click.

const stage = useStage({ accounts: 2, hubs: 1 });
const AGENTS = [
  { issue: 1, state: 'working' },
  { issue: 2, state: 'waiting' },
  { issue: 3, state: 'done' },
] as const;
const session = (issue: number) => `agent-acme-site-${issue}`;

const directory = mkdtempSync(path.join(tmpdir(), 'hubtab-guide-'));
beforeAll(async () => {
  const { hub } = firstHub(stage);
  const repository = await hub.makeRepository('site');
  for (const { issue, state } of AGENTS) {
    const start = ['agent', 'start', '--repo', 'acme/site', '--issue', `${issue}`, '--detach'];
    // The agent itself tells its state, as a hook would.
    const [node, program] = hub.hubtabCommand([]);
    const script = `"$0" "$1" agent state ${state} --question 'May I deploy ${issue}?'; echo "agent ${issue}"; exec cat`;
    const command = ['sh', '-c', script, node ?? '', program ?? ''];
    await hub.hubtab([...start, '--dir', repository, '--', ...command]);
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('phase 1: the network', () => {
  test('Headscale is reachable', async () => {
    const response = await fetch(`${stage.stack.info.headscaleUrl}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'pass' }]);
  });

  test('an API key works, and nothing else does', async () => {
    const made: unknown = await stage.stack.headscale('apikeys', 'create', '--expiration', '1h');
    const nodes = (key: string) =>
      fetch(`${stage.stack.info.headscaleUrl}/api/v1/node`, {
        headers: { Authorization: `Bearer ${key}` },
      });
    expect((await nodes(String(made))).status).toBe(200);
    expect((await nodes('hskey-api-wrong')).status).toBe(401);
  });

  test('a pre-auth key comes through the API', async () => {
    const { authKey, controlUrl } = await browserKey(stage.stack);
    expect(authKey).toMatch(/^hskey-auth-/);
    expect(controlUrl).toBe(stage.stack.info.headscaleUrl);
  });

  test('the DERP relay is reachable', async () => {
    expect((await fetch(`${stage.stack.info.headscaleUrl}/derp/probe`)).status).toBe(200);
  });
});

describe('phase 2: the hub', () => {
  test('it joined when it was started', async () => {
    const status = JSON.parse(
      await firstHub(stage).hub.hubtab(['hub', 'status', '--json']),
    ) as unknown;
    expect(status).toMatchObject({ joined: true, online: true });
  });

  test('it appears in `headscale nodes list`', async () => {
    const unit = `hub-${firstHub(stage).id.toLowerCase()}`;
    const mine = (await headscaleNodes(stage.stack)).filter(({ user }) => user.name === unit);
    expect(mine).toMatchObject([{ online: true }]);
  });

  test('SSH is enabled on it, and its doctor finds no problem', async () => {
    const { hub, socket } = firstHub(stage);
    const tailscale = [path.join(bin, 'tailscale'), `--socket=${socket}`];
    expect(JSON.parse(await hub.mustExec([...tailscale, 'debug', 'prefs']))).toMatchObject({
      RunSSH: true,
    });
    // Fails when there is a problem; a missing service is a warning.
    const findings = JSON.parse(await hub.hubtab(['hub', 'doctor', '--json'])) as { id: string }[];
    expect(findings.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['ssh', 'policy', 'clock']),
    );
  });

  test('a stock tailscale client with a browser key sees only its unit, and gets in by SSH', async () => {
    const { ip, sshUser } = firstHub(stage);
    const node = await startStockNode();
    try {
      const key = await browserKey(stage.stack);
      expect(await node.up(key)).toMatchObject({ code: 0 });
      await until(node.peers).toEqual([ip]);
      const ssh = (user: string) => secureShell(node, user, ip, key.hub.hostKeys);
      const greeting = { code: 0, stdout: `${sshUser}\n` };
      await until(() => ssh(sshUser)).toMatchObject(greeting);
      expect((await ssh('root')).code).not.toBe(0);
    } finally {
      await node.stop();
    }
  });

  test('the tmux sessions exist, the hidden one too', async () => {
    const sessions = await firstHub(stage).hub.tmux('list-sessions', '-F', '#{session_name}');
    expect(sessions.split('\n').sort()).toEqual([
      ...AGENTS.map(({ issue }) => session(issue)),
      'hubtab-watch',
    ]);
  });
});

test('the popup lists every agent with its state, and a click opens it', async () => {
  await signIn(stage.browser, stage.stack.info);
  const { id } = firstHub(stage);
  const popup = await openPopup(stage.browser);
  for (const { issue, state } of AGENTS) {
    const row = popup.locator(`[data-hub-id="${id}"][data-session="${session(issue)}"]`);
    await until(() => row.getAttribute('data-state', { timeout: 30_000 })).toBe(state);
  }
  expect(await popup.innerText('body')).toContain('May I deploy 2?');
  const terminal = await clickSession(stage.browser, popup, id, session(2));
  expect(await whenScreen(terminal, /^agent 2$/)).toBe('agent 2');
});

/** OpenSSH through the node, trusting only the host keys that the hub registered. */
async function secureShell(node: StockNode, user: string, ip: string, hostKeys: string[]) {
  const known = path.join(directory, 'known_hosts');
  await writeFile(known, hostKeys.map((key) => `${ip} ${key}\n`).join(''));
  const options = [
    `ProxyCommand=${node.command} nc %h %p`,
    `UserKnownHostsFile=${known}`,
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'ConnectTimeout=20',
  ];
  const args = options.flatMap((option) => ['-o', option]);
  return run('ssh', ['-F', '/dev/null', ...args, `${user}@${ip}`, 'id -un'], { timeoutMs: 30_000 });
}
