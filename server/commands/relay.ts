import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mergeSettings, readSettings } from '../config-sources.ts';
import { httpUrl, parseConfig } from '../config.ts';
import { findDerper } from '../headscale/binary.ts';
import { dataDirectory } from './data-option.ts';
import { UsageError } from './usage-error.ts';

/**
 * `relay`: becomes derper, for the settings of the server. It lets in whom Headscale knows. While Headscale is away it lets
 * in everybody: a relay sees no contents, and open terminals whose network changes find their way back.
 */
export function relayCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { data: { type: 'string' }, listen: { type: 'string' } },
  });
  const dataDir = dataDirectory(values.data);
  const options = values.listen === undefined ? {} : { relay: { listen: values.listen } };
  const { relay, headscale } = parseConfig(mergeSettings(readSettings(dataDir), options));
  if (!relay) throw new UsageError('expected --listen HOST:PORT, or relay.listen in hubtab.yaml');
  const binary = findDerper(relay.binary);
  const directory = join(dataDir, 'relay');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const flags = [
    // Plain http: the proxy has the certificate.
    ['-a', new URL(httpUrl(relay.listen)).host],
    ['-http-port', '-1'],
    ['-c', join(directory, 'derper.json')],
    ['-verify-client-url', `${httpUrl(headscale.listen)}/verify`],
    // Headscale answers STUN. derper would on the address of `-a` alone, where only the proxy is.
    ['-stun=false'],
    ['-home', 'blank'],
  ];
  // In our place, so that nothing stands between it and whoever keeps it running.
  process.execve?.(binary, [binary, ...flags.flat()], process.env);
  throw new Error('this system cannot replace a process: run derper itself');
}
