import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { findTailscaled } from '../hub-setup.ts';
import { HubtabError } from '../hubtab-error.ts';
import { hubPaths } from '../paths.ts';
import type { Command } from '../command.ts';

const usage = '[--json]';

export const keyCommand: Command = {
  verb: 'key',
  usage,
  summary: "print the fingerprints of this hub's SSH host keys, to compare with the browser's",
  async run(args, context) {
    const { values } = parseOrUsage('hub key', usage, () =>
      parseArgs({ args, options: { json: { type: 'boolean' } } }),
    );
    const paths = hubPaths(context.env);
    const tailscaled = await findTailscaled(context, paths, requireHubFile(paths));
    const keys = (await tailscaled?.hostKeys()) ?? [];
    if (keys.length === 0) {
      throw new HubtabError(EXIT.network, 'there are no host keys yet. Run `hubtab hub up` first.');
    }
    if (values.json) context.out(JSON.stringify(keys, null, 2));
    else for (const key of keys) context.out(`${key.fingerprint} ${key.type}`);
    return EXIT.ok;
  },
};
