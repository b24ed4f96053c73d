import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { platformName, type InstallManifest } from '../../protocol/install.ts';

/** A file that is handed out to machines that become hubs. */
export interface Program {
  path: string;
  sha256: string;
  size: number;
}

const PAIR = ['tailscale', 'tailscaled'] as const;

export interface ProgramsOptions {
  /** The bundled hub program; if unset, `dist/hubtab.mjs` of the project. */
  hubtab?: string | undefined;
  /**
   * Holds tailscale and tailscaled for this kind of machine, or folders such as `linux-arm64` with those for others.
   * If unset: the project's own build, then PATH.
   */
  tailscaleDir?: string | undefined;
}

/** Finds what is handed out, and knows the checksums; each file is read once, and again when it was changed. */
export class Programs {
  readonly #options: ProgramsOptions;
  readonly #known = new Map<string, Program & { mtimeMs: number }>();

  constructor(options: ProgramsOptions = {}) {
    this.#options = options;
  }

  /** The hub program; undefined if this server was not built with one. */
  hubtab(): Promise<Program | undefined> {
    const { hubtab } = this.#options;
    const candidates =
      hubtab === undefined
        ? [
            join(import.meta.dirname, 'hubtab.mjs'),
            ...projectFolders().map((folder) => join(folder, 'dist', 'hubtab.mjs')),
          ]
        : [hubtab];
    return this.#describe(candidates.find(isFile));
  }

  /** One of the two programs for a platform such as `linux-amd64`; undefined if there is none. */
  async tailscale(platform: string, name: string): Promise<Program | undefined> {
    const wanted = PAIR.find((each) => each === name);
    // The platform becomes part of a path.
    if (wanted === undefined || !/^[a-z0-9]+-[a-z0-9]+$/.test(platform)) return undefined;
    const folder = this.#tailscaleFolders(platform).find((each) =>
      PAIR.every((program) => isFile(join(each, program))),
    );
    return folder === undefined ? undefined : this.#describe(join(folder, wanted));
  }

  /** Undefined if there is no hub program. */
  async manifest(): Promise<InstallManifest | undefined> {
    const hubtab = await this.hubtab();
    if (!hubtab) return undefined;
    const tailscale: InstallManifest['tailscale'] = {};
    for (const platform of PLATFORMS) {
      const [client, daemon] = await Promise.all(
        PAIR.map((name) => this.tailscale(platform, name)),
      );
      if (!client || !daemon) continue;
      const file = (name: string, { sha256 }: Program) => ({
        path: `/install/${platform}/${name}`,
        sha256,
      });
      tailscale[platform] = {
        tailscale: file('tailscale', client),
        tailscaled: file('tailscaled', daemon),
      };
    }
    return { hubtab: { path: '/install/hubtab.mjs', sha256: hubtab.sha256 }, tailscale };
  }

  #tailscaleFolders(platform: string): string[] {
    const { tailscaleDir } = this.#options;
    const isOurs = platform === platformName(process.platform, process.arch);
    if (tailscaleDir !== undefined) {
      return [join(tailscaleDir, platform), ...(isOurs ? [tailscaleDir] : [])];
    }
    if (!isOurs) return [];
    const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
    return [...projectFolders().map((folder) => join(folder, '.hubtab', 'bin')), ...path];
  }

  async #describe(path: string | undefined): Promise<Program | undefined> {
    if (path === undefined) return undefined;
    const { size, mtimeMs } = statSync(path);
    const known = this.#known.get(path);
    if (known?.size === size && known.mtimeMs === mtimeMs) return known;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    const program = { path, sha256: hash.digest('hex'), size, mtimeMs };
    this.#known.set(path, program);
    return program;
  }
}

/** Those that tailscaled and Node both run on. */
const PLATFORMS = ['linux-amd64', 'linux-arm64', 'linux-arm', 'darwin-amd64', 'darwin-arm64'];

/** Folders above this file: server/install/ is two levels below the project, a bundle's dist/ one. */
function projectFolders(): string[] {
  const here = import.meta.dirname;
  return [dirname(here), dirname(dirname(here))];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
