import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { headscaleFiles, writeHeadscaleConfig } from '../../server/headscale/config-writer.ts';

const DEPLOYED = join(import.meta.dirname, '..', '..', 'deploy', 'headscale', 'config.yaml');

it('a Headscale beside the server is told what one under it is', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubtab-headscale-config-'));
  try {
    const files = headscaleFiles(dataDir);
    const publicUrl = 'https://hubtab.example.com';
    writeHeadscaleConfig(files, { listen: '0.0.0.0:8085', publicUrl, stunPort: 3478 });
    const written = readFileSync(files.config, 'utf8').replaceAll(dataDir, '/var/lib/hubtab/data');
    expect(parse(readFileSync(DEPLOYED, 'utf8'))).toEqual({
      ...(parse(written) as object),
      // Where it finds what is not data.
      grpc_listen_addr: '127.0.0.1:50443',
      unix_socket: '/run/hubtab/headscale.sock',
      policy: { mode: 'file', path: '/etc/headscale/policy.hujson' },
    });
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
