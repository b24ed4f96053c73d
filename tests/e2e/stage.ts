import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import {
  launchBrowser,
  type ExtensionBrowser,
  type LaunchOptions,
} from '../../scripts/chromium.ts';
import { BrowserKey } from '../../protocol/hubs.ts';
import type { StackHub } from '../../scripts/stack/hub.ts';
import { startStack, type Stack, type StackOptions } from '../../scripts/stack/start.ts';

/** The real stack and a real browser with the real extension, for one file of tests. */
export interface Stage {
  stack: Stack;
  browser: ExtensionBrowser;
  /** Ends the browser and starts it again with the same profile, as a person does overnight. */
  restartBrowser(switches?: string[]): Promise<void>;
}

/** Sets the stage before the tests of a file and clears it after them, whatever happened. */
export function useStage(
  options: StackOptions & Pick<LaunchOptions, 'trustedKey' | 'headless'>,
): Stage {
  const { trustedKey, headless = true, ...stackOptions } = options;
  const stage = {} as Stage;
  let directory = '';
  const launch = async (isKnown: boolean, switches: string[] = []) => {
    const [profile, extension] = [
      path.join(directory, 'profile'),
      path.join(directory, 'extension'),
    ];
    stage.browser = await launchBrowser({
      extension,
      profile,
      isKnown,
      trustedKey,
      headless,
      switches,
    });
  };
  stage.restartBrowser = async (switches) => {
    await stage.browser.close();
    await launch(true, switches);
  };
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'hubtab-stage-'));
    // A copy: a build that runs meanwhile must not change the extension under the browser.
    await cp(extensionDirectory('e2e'), path.join(directory, 'extension'), { recursive: true });
    stage.stack = await startStack(stackOptions);
    await launch(false);
  });
  afterAll(async () => {
    await stage.browser?.close();
    await stage.stack?.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return stage;
}

/** Waits for a condition. @throws the assertion that still failed at the end */
export function until<T>(read: () => Promise<T>, timeoutMs = 30_000) {
  return expect.poll(read, { timeout: timeoutMs, interval: 100 });
}

/** One node as `headscale nodes list` prints it. */
export interface HeadscaleNode {
  id: number;
  name: string;
  user: { name: string };
  online?: boolean;
  pre_auth_key?: { ephemeral?: boolean };
}

/** The nodes that Headscale knows. */
export async function headscaleNodes(stack: Stack): Promise<HeadscaleNode[]> {
  return (await stack.headscale('nodes', 'list')) as HeadscaleNode[];
}

/** The ephemeral ones: browsers. */
export async function browserNodes(stack: Stack): Promise<HeadscaleNode[]> {
  return (await headscaleNodes(stack)).filter(({ pre_auth_key }) => pre_auth_key?.ephemeral);
}

/** What a browser of an account gets to join the unit of the account's first hub. */
export async function browserKey({ info }: Stack, accountNumber = 0): Promise<BrowserKey> {
  const owner = info.accounts[accountNumber];
  const response = await fetch(`${info.serverUrl}/v1/hubs/${owner?.hubs[0]?.id}/browser-key`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${owner?.accessToken}` },
  });
  return BrowserKey.parse(await response.json());
}

/** The sessions that terminals are attached to on a hub, one line for each. The watch's own client is none. */
export async function terminalClients(hub: StackHub): Promise<string> {
  const names = await hub.tmux('list-clients', '-F', '#{session_name}');
  return names
    .split('\n')
    .filter((name) => name !== 'hubtab-watch')
    .join('\n');
}

/** The first hub of the first account: what the API says of it, and the machine itself. */
export function firstHub({ stack }: Pick<Stage, 'stack'>) {
  const [info] = stack.info.accounts[0]?.hubs ?? [];
  const [hub] = stack.hubs;
  if (!info || !hub) throw new Error('the stage has no hub');
  return { ...info, hub };
}
