/**
 * The version that the changelog begins with, such as `1.2.0` of `## 1.2.0 (2026-11-23)`; undefined while its first part is
 * "Unreleased".
 * @throws Error when it begins with neither
 */
export function versionOf(changelog: string): string | undefined {
  const [, heading = ''] = /^## (.+)$/m.exec(changelog) ?? [];
  const [, version] = /^v?(\d+\.\d+\.\d+)\b/.exec(heading) ?? [];
  if (version === undefined && heading !== 'Unreleased')
    throw new Error(`CHANGELOG.md begins with "${heading}": expected "Unreleased" or a version`);
  return version;
}
