import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { findTailscaled } from '../hub-setup.ts';
import { withLock } from '../lock.ts';
import { hubPaths } from '../paths.ts';
import { writePrivateFile } from '../private-files.ts';
import type { Command } from '../command.ts';

const usage = '[--json]';

export const downCommand: Command = {
  verb: 'down',
  usage,
  summary: 'take this hub offline until `hub up`; agents and tmux go on',
  async run(args, context) {
    const { values } = parseOrUsage('hub down', usage, () =>
      parseArgs({ args, options: { json: { type: 'boolean' } } }),
    );
    const paths = hubPaths(context.env);
    const hub = requireHubFile(paths);
    return withLock(paths.lockFile, 120_000, async () => {
      writePrivateFile(paths.downFile, '');
      const tailscaled = await findTailscaled(context, paths, hub);
      await tailscaled?.stop();
      if (values.json) {
        context.out(JSON.stringify({ hubId: hub.hubId, name: hub.name, online: false }, null, 2));
      }
      context.say(`${hub.name} is offline. \`hubtab hub up\` brings it back.`);
      return EXIT.ok;
    });
  },
};
