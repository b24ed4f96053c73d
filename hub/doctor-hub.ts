import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { z } from 'zod';
import { ok, problem, warning } from './finding.ts';
import { readHubFile } from './hub-file.ts';
import { findTailscaled } from './hub-setup.ts';
import { HubtabError } from './hubtab-error.ts';
import { lockHolder } from './lock.ts';
import { hubPaths } from './paths.ts';
import { checkServer } from './server-client.ts';
import type { CliContext } from './context.ts';
import type { Finding } from './finding.ts';
import type { HubFile } from './hub-file.ts';
import type { HubPaths } from './paths.ts';
import type { Tailscaled, TailscaleStatus } from './tailscaled.ts';

/** Assertions live a minute, so a clock that is off by half of that is about to be refused. */
const MAX_CLOCK_SKEW_MS = 30_000;

const JOIN = 'hubtab hub join SERVER';
const UP = 'hubtab hub up';

/** What keeps a machine that has joined from being a hub. */
export async function checkHub(context: CliContext): Promise<Finding[]> {
  const paths = hubPaths(context.env);
  let hub: HubFile | undefined;
  try {
    hub = readHubFile(paths);
  } catch (error) {
    if (!(error instanceof HubtabError)) throw error;
    return [problem('joined', error.message, 'hubtab hub leave')];
  }
  if (!hub) return [problem('joined', 'this machine is not a hub yet.', JOIN)];
  const tailscaled = await findTailscaled(context, paths, hub);
  return [
    ok('joined', `joined to ${hub.serverUrl} as ${hub.name}`),
    ...keyFile(paths),
    ...(await server(hub)),
    ...(await network(tailscaled)),
    service(paths),
  ];
}

function keyFile({ keyFile: file }: HubPaths): Finding[] {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return [problem('key', `the hub's key is missing (${file}).`, 'hubtab hub leave')];
  if ((stat.mode & 0o077) === 0) return [ok('key', "the hub's key is private")];
  return [problem('key', `others can read the hub's key (${file}).`, `chmod 600 '${file}'`)];
}

async function server({ serverUrl }: HubFile): Promise<Finding[]> {
  let date: string | null;
  try {
    ({ date } = await checkServer(serverUrl));
  } catch (error) {
    if (!(error instanceof HubtabError)) throw error;
    return [problem('server', error.message, `curl -v ${serverUrl}/v1/server`)];
  }
  const reached = ok('server', `${serverUrl} answers`);
  const skewMs = date === null ? 0 : Date.now() - Date.parse(date);
  if (!(Math.abs(skewMs) > MAX_CLOCK_SKEW_MS)) return [reached, ok('clock', 'the clock is right')];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const how = `${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the server's`;
  const text = `this machine's clock is ${how}, so its sign-in is refused.`;
  return [reached, problem('clock', text, 'sudo timedatectl set-ntp true')];
}

async function network(tailscaled: Tailscaled | undefined): Promise<Finding[]> {
  const status = await tailscaled?.status();
  if (!tailscaled || !status) return [problem('tailscaled', 'tailscaled is not running.', UP)];
  if (status.isExpired) {
    return [problem('tailscaled', "this hub's membership in the network has expired.", UP)];
  }
  if (status.backendState !== 'Running') {
    return [problem('tailscaled', `tailscaled is in state ${status.backendState}.`, UP)];
  }
  return [online(status), await ssh(tailscaled), ...(await policy(tailscaled))];
}

function online(status: TailscaleStatus): Finding {
  if (status.online) return ok('tailscaled', `online at ${status.ips[0] ?? '?'}`);
  const text = 'tailscaled runs, but does not reach the coordination server or its relay.';
  return problem('tailscaled', text, UP);
}

const Prefs = z.object({ RunSSH: z.boolean() });

async function ssh(tailscaled: Tailscaled): Promise<Finding> {
  const prefs = Prefs.safeParse(await tailscaled.debug('prefs'));
  if (prefs.data?.RunSSH) return ok('ssh', 'SSH is on');
  return problem(
    'ssh',
    'the SSH server of tailscaled is off.',
    tailscaled.commandLine('set --ssh'),
  );
}

const Netmap = z.object({
  SSHPolicy: z
    .object({ rules: z.array(z.object({ sshUsers: z.record(z.string(), z.string()).nullish() })) })
    .nullish(),
});

/** Whether any rule lets somebody in as this user: the map of our own node tells who may connect. */
async function policy(tailscaled: Tailscaled): Promise<Finding[]> {
  const netmap = Netmap.safeParse(await tailscaled.debug('netmap'));
  if (!netmap.success) return [];
  const { username } = userInfo();
  const isLetIn = (netmap.data.SSHPolicy?.rules ?? []).some(({ sshUsers }) => {
    const local = sshUsers?.[username] ?? sshUsers?.['*'] ?? '';
    return local !== '';
  });
  if (isLetIn) return [ok('policy', `the network's policy lets browsers in as ${username}`)];
  const text = `the network's policy lets nobody in as ${username}. Its administrator has to bring the policy of Headscale back to Hubtab's.`;
  return [problem('policy', text, 'hubtab server start')];
}

function service(paths: HubPaths): Finding {
  if (lockHolder(paths.runLockFile) !== undefined) return ok('service', '`hubtab hub run` runs');
  const text = 'nothing brings the hub back after a crash or a restart of this machine.';
  return warning('service', text, 'hubtab hub service install');
}
