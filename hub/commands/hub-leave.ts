import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readHubFile } from '../hub-file.ts';
import { findTailscaled } from '../hub-setup.ts';
import { HubtabError } from '../hubtab-error.ts';
import { leave } from '../leave.ts';
import { withLock } from '../lock.ts';
import { hubPaths } from '../paths.ts';
import type { Command } from '../command.ts';
import type { HubFile } from '../hub-file.ts';
import type { HubPaths } from '../paths.ts';

const usage = '[--json]';

export const leaveCommand: Command = {
  verb: 'leave',
  usage,
  summary: 'log this machine out, stop it and forget the hub; agents and tmux go on',
  async run(args, context) {
    const { values } = parseOrUsage('hub leave', usage, () =>
      parseArgs({ args, options: { json: { type: 'boolean' } } }),
    );
    const paths = hubPaths(context.env);
    return withLock(paths.lockFile, 120_000, async () => {
      const hub = readIfIntact(paths);
      const hasRest = [paths.hubFile, paths.keyFile, paths.tailscaledDir].some((path) =>
        existsSync(path),
      );
      if (!hasRest) {
        if (values.json) context.out(JSON.stringify({ joined: false, left: null }, null, 2));
        context.say('This machine is not a hub; nothing to do.');
        return EXIT.ok;
      }
      await leave(context, paths, await findTailscaled(context, paths, hub));
      if (values.json) {
        context.out(JSON.stringify({ joined: false, left: hub?.hubId ?? null }, null, 2));
      }
      context.say('This machine has left.');
      if (hub)
        context.say(
          `${hub.name} stays in the list at ${hub.serverUrl} until its owner removes it there.`,
        );
      return EXIT.ok;
    });
  },
};

/** Leaving is the remedy for a damaged file, so that must not stop it. */
function readIfIntact(paths: HubPaths): HubFile | undefined {
  try {
    return readHubFile(paths);
  } catch (error) {
    if (error instanceof HubtabError) return undefined;
    throw error;
  }
}
