import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * What it means to run this version of Headscale on data that another one has used. Headscale never goes back, and wants
 * no minor left out.
 *
 * @throws Error that says which version to install
 */
export function headscaleStep(used: string, next: string): 'same' | 'upgrade' {
  if (used === next) return 'same';
  const [from, to] = [parts(used), parts(next)];
  if (compare(to, from) < 0) {
    throw new Error(
      `headscale: its data was used by ${used}, and ${next} is older: install ${used} again, or restore a backup from before`,
    );
  }
  const [fromMajor = 0, fromMinor = 0] = from;
  const [toMajor = 0, toMinor = 0] = to;
  if (toMajor !== fromMajor || toMinor > fromMinor + 1) {
    throw new Error(
      `headscale: from ${used} to ${next} leaves minor versions out: install the last ${fromMajor}.${fromMinor + 1}.x first, start the server once, then go on`,
    );
  }
  return 'upgrade';
}

/** The version that last ran on the data; undefined if none did. */
export function readUsedVersion(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return /\d+\.\d+\.\d+/.exec(readFileSync(path, 'utf8'))?.[0];
}

export function writeUsedVersion(path: string, version: string): void {
  writeFileSync(path, `${version}\n`, { mode: 0o600 });
}

/** `0.29.3` of what `headscale version` prints; the text itself if there is no version in it. */
export function shortVersion(text: string): string {
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? text.trim();
}

function parts(version: string): number[] {
  return version.split('.').map(Number);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((part, place) => part !== other[place]);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
