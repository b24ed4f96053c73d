import { parseArgs } from 'node:util';
import { bringUp } from '../bring-up.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { checkPrerequisites } from '../hub-setup.ts';
import { withLock } from '../lock.ts';
import { hubPaths } from '../paths.ts';
import type { Command } from '../command.ts';

const usage = '[--tailscaled-dir DIR]';

export const upCommand: Command = {
  verb: 'up',
  usage,
  summary: 'bring this hub online, for example after a restart; repairs what an earlier run left',
  async run(args, context) {
    const { values } = parseOrUsage('hub up', usage, () =>
      parseArgs({ args, options: { 'tailscaled-dir': { type: 'string' } } }),
    );
    const paths = hubPaths(context.env);
    const { tailscaleDir } = requireHubFile(paths);
    const setup = await checkPrerequisites(context, {
      option: values['tailscaled-dir'],
      remembered: tailscaleDir,
    });
    return withLock(paths.lockFile, 120_000, async () => {
      // Read again: a `leave` may have held the lock.
      const hub = requireHubFile(paths);
      const status = await bringUp(setup, hub);
      context.say(`${hub.name} is online at ${status.ips[0] ?? '?'}.`);
      return EXIT.ok;
    });
  },
};
