import { createHash } from 'node:crypto';
import { chmodSync, createWriteStream, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InstallManifest, platformName } from '../protocol/install.ts';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { ensurePrivateDirectory } from './private-files.ts';
import type { InstallFile } from '../protocol/install.ts';
import type { CliContext } from './context.ts';

/** 50 MB over a line of 2 Mbit/s. */
const DOWNLOAD_TIMEOUT_MS = 240_000;

/**
 * Takes tailscale and tailscaled from the control server, if it has them for this kind of machine. Each is checked
 * against the server's checksum before it gets its name, so a cut download is never run.
 *
 * @returns false if the server has none
 * @throws HubtabError if a download fails or is not what the server announced; then nothing is left
 */
export async function downloadTailscale(
  serverUrl: string,
  directory: string,
  context: CliContext,
): Promise<boolean> {
  const platform = platformName(process.platform, process.arch);
  const offer = (await readManifest(serverUrl))?.tailscale[platform];
  if (!offer) return false;
  ensurePrivateDirectory(directory);
  context.say(`Taking tailscaled for ${platform} from ${serverUrl} …`);
  for (const name of ['tailscale', 'tailscaled'] as const) {
    await download(serverUrl, offer[name], join(directory, name));
  }
  return true;
}

/** Undefined if the server has none: it may be older, or not built for handing out programs. */
async function readManifest(serverUrl: string): Promise<InstallManifest | undefined> {
  const response = await fetch(`${serverUrl}/install/manifest.json`, {
    redirect: 'error',
    signal: AbortSignal.timeout(20_000),
  }).catch(() => undefined);
  if (!response?.ok) return undefined;
  const parsed = InstallManifest.safeParse(await response.json().catch(() => undefined));
  return parsed.success ? parsed.data : undefined;
}

async function download(serverUrl: string, file: InstallFile, target: string): Promise<void> {
  const partial = `${target}.${process.pid}.tmp`;
  try {
    const response = await fetch(`${serverUrl}${file.path}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
    });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    const hash = createHash('sha256');
    await pipeline(
      response.body,
      async function* countIn(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(partial, { mode: 0o600, flags: 'wx' }),
    );
    if (hash.digest('hex') !== file.sha256) throw new Error('its checksum is wrong');
    chmodSync(partial, 0o700);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new HubtabError(
      EXIT.serverUnreachable,
      `could not take ${file.path} from ${serverUrl}: ${error instanceof Error ? error.message : String(error)}. Run this again, or install Tailscale from https://tailscale.com/download.`,
      { cause: error },
    );
  }
}
