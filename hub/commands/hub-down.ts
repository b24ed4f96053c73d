import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { findTailscaled } from '../hub-setup.ts';
import { withLock } from '../lock.ts';
import { hubPaths } from '../paths.ts';
import type { Command } from '../command.ts';

export const downCommand: Command = {
  verb: 'down',
  usage: '',
  summary: 'take this hub offline; agents and tmux go on',
  async run(args, context) {
    parseOrUsage('hub down', '', () => parseArgs({ args, options: {} }));
    const paths = hubPaths(context.env);
    const hub = requireHubFile(paths);
    return withLock(paths.lockFile, 120_000, async () => {
      await findTailscaled(context, paths, hub.tailscaleDir)?.stop();
      context.say(`${hub.name} is offline. \`hubtab hub up\` brings it back.`);
      return EXIT.ok;
    });
  },
};
