import { existsSync, rmSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import { bringUp } from '../bring-up.ts';
import { parseOrUsage } from '../command.ts';
import { askForToken } from '../device-grant.ts';
import { EXIT } from '../exit-codes.ts';
import { readHubFile, writeHubFile } from '../hub-file.ts';
import { loadOrCreateHubKey, publicHalf } from '../hub-key.ts';
import { checkPrerequisites } from '../hub-setup.ts';
import { HubRemovedError, HubtabError } from '../hubtab-error.ts';
import { readToken } from '../join-token.ts';
import { leave } from '../leave.ts';
import { withLock } from '../lock.ts';
import { installSelf } from '../self-install.ts';
import { SYSTEM_SOCKET } from '../system-tailscaled.ts';
import { hubPaths } from '../paths.ts';
import { isUnencrypted, parseServerAddress } from '../server-address.ts';
import { checkServer, registerHub } from '../server-client.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { HubFile } from '../hub-file.ts';
import type { HubSetup } from '../hub-setup.ts';
import type { TailscaleStatus } from '../tailscaled.ts';

/** A join waits for another one of this user as long as that may take, network included. */
const LOCK_TIMEOUT_MS = 120_000;

const usage =
  'SERVER [--token TOKEN | --token-file FILE|-] [--name NAME] [--user NAME] [--tailscaled-dir DIR] [--system [--socket PATH]] [--json]';

export const joinCommand: Command = {
  verb: 'join',
  usage,
  summary: 'make this machine a hub; without a token, allow it in a browser',
  async run(args, context) {
    const { server, values } = parse(args);
    checkUser(values.user);
    const known = readHubFile(hubPaths(context.env));
    const asked = values.system ? { systemSocket: values.socket ?? SYSTEM_SOCKET } : undefined;
    const source = { option: values['tailscaled-dir'], serverUrl: server };
    const setup = await checkPrerequisites(context, source, known ?? asked);
    return withLock(setup.paths.lockFile, LOCK_TIMEOUT_MS, async () => {
      const existing = readHubFile(setup.paths);
      if (existing && existing.serverUrl !== server) throw joinedElsewhere(existing);
      if (existing) context.say(`Already joined to ${server} as ${existing.name}; bringing it up.`);
      rmSync(setup.paths.downFile, { force: true });
      const { hub, status } = await joinAs(existing, setup, server, values);
      const ip = status.ips[0] ?? null;
      if (values.json) {
        const { launcher } = setup.paths;
        const joined = { hubId: hub.hubId, name: hub.name, serverUrl: server, ip, launcher };
        context.out(JSON.stringify(joined, null, 2));
      }
      sayNext(context, hub, ip, setup);
      return EXIT.ok;
    });
  },
};

function sayNext(context: CliContext, hub: HubFile, ip: string | null, setup: HubSetup): void {
  const { version } = setup.tailscale;
  context.say(`\n${hub.name} is online at ${ip}; terminals run as ${setup.sshUser}.`);
  context.say(`tmux ${setup.tmuxVersion}, tailscaled ${version}.`);
  context.say('Open the Hubtab extension: the hub is in its list.');
  context.say('Start an agent:        hubtab agent start --repo OWNER/NAME --issue N -- COMMAND');
  context.say('Stay online for good:  hubtab hub service install');
}

async function joinAs(
  existing: HubFile | undefined,
  setup: HubSetup,
  server: string,
  values: JoinValues,
): Promise<{ hub: HubFile; status: TailscaleStatus }> {
  if (existing) {
    try {
      installSelf(setup.paths, setup.context);
      return { hub: existing, status: await bringUp(setup, existing) };
    } catch (error) {
      const hasToken = values.token !== undefined || values['token-file'] !== undefined;
      if (!(error instanceof HubRemovedError) || !hasToken) throw error;
      setup.context.say('The server has removed this hub; joining as a new one.');
      await leave(setup.context, setup.paths, setup.tailscaled);
    }
  }
  const hub = await register(setup, server, values);
  // Only now: a token that is refused leaves nothing behind.
  installSelf(setup.paths, setup.context);
  return { hub, status: await bringUp(setup, hub) };
}

interface JoinValues {
  readonly token?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly 'tailscaled-dir'?: string | undefined;
  readonly system?: boolean | undefined;
  readonly socket?: string | undefined;
  readonly json?: boolean | undefined;
}

function parse(args: string[]): { server: string; values: JoinValues } {
  const { values, positionals } = parseOrUsage('hub join', usage, () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: {
        token: { type: 'string' },
        'token-file': { type: 'string' },
        name: { type: 'string' },
        user: { type: 'string' },
        'tailscaled-dir': { type: 'string' },
        system: { type: 'boolean' },
        socket: { type: 'string' },
        json: { type: 'boolean' },
      },
    }),
  );
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) {
    throw new HubtabError(
      EXIT.usage,
      `one server address is needed.\nUsage: hubtab hub join ${usage}`,
    );
  }
  if (values.token !== undefined && values['token-file'] !== undefined) {
    throw new HubtabError(EXIT.usage, 'give --token or --token-file, not both.');
  }
  if (values.socket !== undefined && !(values.system && isAbsolute(values.socket))) {
    throw new HubtabError(EXIT.usage, '--socket takes an absolute path, together with --system.');
  }
  return { server: parseServerAddress(address), values };
}

function checkUser(wanted: string | undefined): void {
  const { username } = userInfo();
  if (wanted === undefined || wanted === username) return;
  throw new HubtabError(
    EXIT.prerequisite,
    `this runs as ${username}, and terminals run as the user who joins. Run it as ${JSON.stringify(wanted)}: with \`su\` or \`runuser -u NAME -- hubtab hub join …\`.`,
  );
}

function joinedElsewhere(hub: HubFile): HubtabError {
  return new HubtabError(
    EXIT.conflict,
    `this machine is already a hub of ${hub.serverUrl} (as ${hub.name}). Run \`hubtab hub leave\` first, then join again.`,
  );
}

async function register(setup: HubSetup, server: string, values: JoinValues): Promise<HubFile> {
  const name = (values.name ?? hostname()).trim();
  if (name === '' || name.length > 64 || /\p{C}/u.test(name)) {
    throw new HubtabError(
      EXIT.usage,
      '--name must have 1 to 64 characters and no control characters.',
    );
  }
  const given = await readToken(values.token, values['token-file'], setup.context);
  if (isUnencrypted(server)) {
    setup.context.say(`Warning: ${server} is not encrypted; others on the way can read the token.`);
  }
  // First, so that a token is never sent to something that is no Hubtab server.
  const { controlUrls } = await checkServer(server);
  // A member of another network must not become half a hub.
  if (values.system) await startForOneOf(controlUrls, setup);
  const token = given ?? (await askForToken(server, name, setup.context));
  const hadKey = existsSync(setup.paths.keyFile);
  const key = loadOrCreateHubKey(setup.paths.keyFile);
  const registered = await registerHub(server, token, {
    name,
    publicKey: publicHalf(key),
    sshUser: setup.sshUser,
    tmux: setup.tmux,
    hubtabPath: setup.paths.launcher,
  }).catch((error: unknown) => {
    throw hadKey ? withInterruptedHint(error) : error;
  });
  const named = values['tailscaled-dir'] ?? setup.context.env['HUBTAB_TAILSCALE_DIR'];
  const hub: HubFile = {
    version: 1,
    ...registered,
    serverUrl: server,
    ...(named === undefined ? {} : { tailscaleDir: named }),
    ...(values.system ? { systemSocket: setup.tailscaled.socket } : {}),
  };
  writeHubFile(setup.paths, hub);
  setup.context.say(`Registered with ${server} as ${registered.name}.`);
  return hub;
}

/** @throws HubtabError of the last network, if the system's tailscaled may join none of them */
async function startForOneOf(controlUrls: readonly string[], setup: HubSetup): Promise<void> {
  let refusal: unknown;
  for (const url of controlUrls) {
    try {
      return await setup.tailscaled.start(url);
    } catch (error) {
      refusal = error;
    }
  }
  if (refusal !== undefined) throw refusal;
}

/** The token may have been used by a run of ours that was killed before it could store the answer. */
function withInterruptedHint(error: unknown): unknown {
  if (!(error instanceof HubtabError) || error.exitCode !== EXIT.refused) return error;
  const hint = 'If an earlier join was interrupted, make a new token and run it again.';
  return new HubtabError(error.exitCode, `${error.message} ${hint}`, { cause: error });
}
