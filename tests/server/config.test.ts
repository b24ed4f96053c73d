import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readSettings } from '../../server/config-sources.ts';
import { parseConfig } from '../../server/config.ts';

function directory(yaml?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'hubtab-config-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  if (yaml !== undefined) writeFileSync(join(path, 'hubtab.yaml'), yaml);
  return path;
}

it('the environment holds over the file, setting by setting', () => {
  const dataDir = directory('listen: 127.0.0.1:1\nheadscale:\n  listen: 127.0.0.1:2\n');
  const settings = readSettings(dataDir, {
    HUBTAB_HEADSCALE_PUBLIC_URL: 'https://net.example',
    HUBTAB_LISTEN: '127.0.0.1:3',
    HUBTAB_BEHIND_PROXY: '10.0.0.7, fd00::/8',
    HUBTAB_PUBLIC_URL: 'https://hubtab.example',
    HUBTAB_HEADSCALE_BINARY: '',
  });
  const config = parseConfig(settings);
  expect(config.headscale.binary).toBeUndefined(); // an empty variable is none
  expect(config).toMatchObject({
    dataDir,
    listen: { port: 3 },
    behindProxy: [
      { address: '10.0.0.7', prefix: 32 },
      { address: 'fd00::', prefix: 8 },
    ],
    headscale: { listen: { port: 2 }, publicUrl: 'https://net.example' },
  });
});

it.each([
  ['listen: [', {}, /hubtab\.yaml:\d+: expected a YAML mapping/],
  ['- listen', {}, /hubtab\.yaml: expected a YAML mapping/],
  ['lisen: 127.0.0.1:1', {}, /"lisen"/],
  ['headscale: { url: nonsense }', {}, /^headscale\.url: expected http/],
  [
    'headscale: { listen: "127.0.0.1:0" }',
    { HUBTAB_RELAY_LISTEN: '127.0.0.1:1' },
    /^relay: asks Headscale/,
  ],
  ['database: { url: "mysql://hunter2@x/y" }', {}, /^database\.url: expected postgres:\/\//],
  [undefined, { HUBTAB_DEVELOPMENT: 'yes' }, /HUBTAB_DEVELOPMENT: expected true or false/],
  [undefined, { HUBTAB_HEADSCALE_URL: 'x' }, /headscale\.url: expected http/],
])('%j with %j is refused by name', (yaml, environment, message) => {
  const dataDir = directory(yaml);
  const read = () => parseConfig(readSettings(dataDir, environment));
  expect(read).toThrow(message);
  expect(read).not.toThrow(/hunter2/);
});
