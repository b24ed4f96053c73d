/**
 * Why this version of Headscale cannot be used, or undefined if it can: 0.29.2 and later 0.29.x.
 * @param version as Headscale prints it, for example `v0.29.3`
 */
export function versionProblem(version: string): string | undefined {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (!match) return `Headscale's version "${version.slice(0, 40)}" cannot be read; ${NEEDED}`;
  const [major, minor, patch] = match.slice(1).map(Number);
  if (major === 0 && minor === 29 && patch !== undefined && patch >= 2) return undefined;
  return `Headscale ${match[0]} is not supported; ${NEEDED}`;
}

const NEEDED = 'install 0.29.2 or a later 0.29.x (0.29.0 and 0.29.1 refuse browsers)';
