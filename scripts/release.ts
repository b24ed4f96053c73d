import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { buildBundles } from './build-bundles.ts';
import { buildExtension } from './build-extension.ts';
import { buildWasm } from './build-wasm.ts';
import { root } from './paths.ts';
import { packNpm } from './release/pack-npm.ts';
import { licenceText, shippedParts, type Part } from './release/parts.ts';
import { versionOf } from './release/version.ts';
import { zipFolder } from './release/zip-folder.ts';
import { mustRun } from './stack/run.ts';

/**
 * `npm run release [-- --dry-run] [--out DIR]`: everything that a person uploads, in one folder. Without `--dry-run` the
 * changelog has to begin with the version, and nothing may be uncommitted.
 */
const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    out: { type: 'string', default: path.join(root, '.output', 'release') },
  },
});
const out = path.resolve(values.out);
const version = await checkVersion(values['dry-run']);

await buildWasm();
await buildBundles();
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const parts = await shippedParts();
const licences = path.join(out, 'THIRD-PARTY-LICENSES.txt');
await writeFile(licences, await licenceFile(parts));
const extensions: string[] = [];
for (const browser of ['chromium', 'firefox'] as const) {
  const name = `hubtab-${version}-${browser}.zip`;
  await writeFile(
    path.join(out, name),
    await zipFolder(await buildExtension('production', browser)),
  );
  extensions.push(name);
}
const tarball = await packNpm(out, version, [licences]);
const sbom = `hubtab-${version}.cdx.json`;
await writeFile(path.join(out, sbom), `${JSON.stringify(billOfMaterials(parts), null, 2)}\n`);
const files = [...extensions, tarball, sbom, path.basename(licences)];
const sums = await Promise.all(
  files.map(async (file) => {
    const content = await readFile(path.join(out, file));
    return `${createHash('sha256').update(content).digest('hex')}  ${file}\n`;
  }),
);
await writeFile(path.join(out, 'SHA256SUMS'), sums.join(''));
process.stdout.write(sums.join(''));
process.stderr.write(`Hubtab ${version}, ${parts.length} parts of others: ${out}\n`);

/** @returns the version to release @throws Error that says what has to be done first */
async function checkVersion(isDryRun: boolean): Promise<string> {
  const changed = versionOf(await readFile(path.join(root, 'CHANGELOG.md'), 'utf8'));
  if (changed !== undefined && changed !== packageJson.version)
    throw new Error(`CHANGELOG.md says ${changed}, package.json ${packageJson.version}`);
  if (isDryRun) return packageJson.version;
  if (changed === undefined)
    throw new Error(`CHANGELOG.md begins with "Unreleased": give it the version and the day`);
  const uncommitted = await mustRun('git', ['status', '--porcelain'], { cwd: root });
  if (uncommitted !== '') throw new Error(`uncommitted:\n${uncommitted}`);
  return changed;
}

async function licenceFile(all: readonly Part[]): Promise<string> {
  const texts = await Promise.all(
    all.map(async (part) => `${part.name} ${part.version}\n\n${await licenceText(part)}\n`),
  );
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** CycloneDX 1.6. */
function billOfMaterials(all: readonly Part[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'hubtab', version } },
    components: all.map(({ name, version: ofPart, url, license }) => ({
      type: 'library',
      name,
      version: ofPart,
      purl: url,
      'bom-ref': url,
      ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    })),
  };
}
