import { z } from 'zod';

/** A file that the server hands out. */
export const InstallFile = z.object({
  /** Path on the server, `/install/…`. */
  path: z.string().regex(/^\/install\/[A-Za-z0-9./_-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type InstallFile = z.infer<typeof InstallFile>;

/** `GET /install/manifest.json`: what the server hands out to machines that become hubs. */
export const InstallManifest = z.object({
  /** The hub program, one file for Node. */
  hubtab: InstallFile,
  /** By {@link platformName}; empty if the server has none. */
  tailscale: z.record(z.string(), z.object({ tailscale: InstallFile, tailscaled: InstallFile })),
});
export type InstallManifest = z.infer<typeof InstallManifest>;

/** `linux-amd64`, as Go names platforms, from Node's names. */
export function platformName(platform: string, arch: string): string {
  const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' };
  return `${platform}-${architectures[arch] ?? arch}`;
}
