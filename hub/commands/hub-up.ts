import { existsSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bringUp } from '../bring-up.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { checkPrerequisites } from '../hub-setup.ts';
import { withLock } from '../lock.ts';
import { hubPaths } from '../paths.ts';
import { installSelf } from '../self-install.ts';
import { runInForeground } from './hub-run.ts';
import type { Command } from '../command.ts';

const usage = '[--foreground] [--tailscaled-dir DIR] [--json]';

export const upCommand: Command = {
  verb: 'up',
  usage,
  summary: 'bring this hub online, for example after a restart; repairs what an earlier run left',
  async run(args, context) {
    const { values } = parseOrUsage('hub up', usage, () =>
      parseArgs({
        args,
        options: {
          foreground: { type: 'boolean' },
          'tailscaled-dir': { type: 'string' },
          json: { type: 'boolean' },
        },
      }),
    );
    const paths = hubPaths(context.env);
    const known = requireHubFile(paths);
    if (values.foreground) {
      rmSync(paths.downFile, { force: true });
      return runInForeground(context, values['tailscaled-dir']);
    }
    const setup = await checkPrerequisites(
      context,
      {
        option: values['tailscaled-dir'],
        remembered: known.tailscaleDir,
      },
      known,
    );
    return withLock(paths.lockFile, 120_000, async () => {
      // Read again: a `leave` may have held the lock.
      const hub = requireHubFile(paths);
      rmSync(paths.downFile, { force: true });
      if (!existsSync(paths.launcher)) installSelf(paths, context);
      const status = await bringUp(setup, hub);
      const ip = status.ips[0] ?? null;
      if (values.json) {
        context.out(
          JSON.stringify({ hubId: hub.hubId, name: hub.name, online: true, ip }, null, 2),
        );
      }
      context.say(`${hub.name} is online at ${ip}.`);
      return EXIT.ok;
    });
  },
};
