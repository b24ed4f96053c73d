import { z } from 'zod';
import { HubId } from '../protocol/ids.ts';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { readIfPresent, writePrivateFile } from './private-files.ts';
import type { HubPaths } from './paths.ts';

/** What `hub.json` remembers. It is there if and only if the server knows this machine as a hub. */
export const HubFile = z.object({
  version: z.literal(1),
  hubId: HubId,
  name: z.string(),
  /** Origin of the control server, without a slash at the end. */
  serverUrl: z.url(),
  /** What the server calls itself, the audience of this hub's assertions. */
  issuer: z.url(),
  /** Headscale's address; if unset, the hub has not had a key yet. */
  controlUrl: z.url().optional(),
  /** Node name the server chose; if unset, the hub has not had a key yet. */
  hostname: z.string().optional(),
  /** Directory of tailscale and tailscaled as given to `join`; if unset, they are looked for. */
  tailscaleDir: z.string().optional(),
  /** Socket of the system's tailscaled; if unset, Hubtab runs one of its own. */
  systemSocket: z.string().optional(),
});
export type HubFile = z.infer<typeof HubFile>;

/** @throws HubtabError if the file is there and cannot be understood. */
export function readHubFile(paths: HubPaths): HubFile | undefined {
  const content = readIfPresent(paths.hubFile);
  if (content === undefined) return undefined;
  try {
    return HubFile.parse(JSON.parse(content));
  } catch (error) {
    throw new HubtabError(
      EXIT.failed,
      `${paths.hubFile} is damaged or from another version. Run \`hubtab hub leave\`, then join again with a new token.`,
      { cause: error },
    );
  }
}

/** @throws HubtabError (not joined) if this machine is not a hub. */
export function requireHubFile(paths: HubPaths): HubFile {
  const hub = readHubFile(paths);
  if (hub) return hub;
  throw new HubtabError(
    EXIT.notJoined,
    'this machine is not a hub yet. Make a join token on the server and run `hubtab hub join <server> --token-file FILE`.',
  );
}

export function writeHubFile(paths: HubPaths, hub: HubFile): void {
  writePrivateFile(paths.hubFile, `${JSON.stringify(hub, null, 2)}\n`);
}
